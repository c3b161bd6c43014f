export type Method = 'GET' | 'POST' | 'DELETE';

/** The names in braces of a path template: `'id'` for `/v1/customers/{id}`. */
type PathNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

/** What stands in the path for each of them. */
export type PathIds<Template extends string> = { readonly [Name in PathNames<Template>]: string };

/** What the router has found in a path that fits the template. */
export function pathIds<Template extends string>(
  template: Template,
  found: ReadonlyMap<string, string>,
): PathIds<Template> {
  const ids = Object.fromEntries(found);
  if (hasAll(template, ids)) return ids;
  throw new Error(`Bug: ${template} was called without its ids`);
}

function hasAll<Template extends string>(template: Template, ids: object): ids is PathIds<Template> {
  return [...template.matchAll(/\{(\w+)\}/g)].every(([, name = '']) => Object.hasOwn(ids, name));
}
