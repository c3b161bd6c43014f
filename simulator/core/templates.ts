export type Method = 'GET' | 'POST' | 'DELETE';

/** The names in braces of a path template: `'id'` for `/v1/customers/{id}`. */
type PathNames<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathNames<Rest>
  : never;

export type PathIds<Template extends string> = { readonly [Name in PathNames<Template>]: string };
