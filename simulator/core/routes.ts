import type { Context, Reactions } from './context.ts';
import type { ControlRoute } from './control.ts';
import { invalidParam, unknownParams } from './errors.ts';
import type { Expansions } from './expand.ts';
import type { FormMap } from './form.ts';
import type { PageRoute } from './pages.ts';
import { array, type Params, readParams, type Shape, string } from './params.ts';
import { type Method, type PathIds, pathIds } from './templates.ts';

/** One endpoint. `prepare` validates; what it returns executes, at once and synchronously: a request is atomic. */
export interface Route {
  readonly method: Method;
  readonly template: string;
  /** The parameters of the route, without those that only older versions know. */
  readonly parameters?: Shape;
  prepare(form: FormMap, ids: ReadonlyMap<string, string>, isCurrentVersion: boolean): Prepared;
}

export interface Prepared {
  readonly expand: readonly string[];
  execute(context: Context): object;
}

/** A group of routes about one kind of object, with what can be expanded in the objects that they return. */
export interface Resource {
  readonly routes: readonly Route[];
  readonly expansions: Expansions;
  readonly reactions?: Reactions;
  readonly pages?: readonly PageRoute[];
  /** What its people and banks do, for scripts that do not want to click. */
  readonly controls?: readonly ControlRoute[];
}

const expandParam = { expand: array(string()) } as const;

/**
 * Declares an endpoint. `shape` lists every parameter that Stripe accepts and the simulator acts on; those in
 * `unsimulated()` are refused loudly; all others are unknown. `legacy` names those that only requests of an older version
 * may still send (the Stripe CLI does).
 */
export function route<const Template extends string, S extends Shape>(
  method: Method,
  template: Template,
  shape: S,
  handle: (context: Context, params: Params<S>, ids: PathIds<Template>) => object,
  { legacy = [] }: { legacy?: readonly (keyof S & string)[] } = {},
): Route {
  return {
    method,
    template,
    parameters: Object.fromEntries(Object.entries(shape).filter(([name]) => !legacy.some((old) => old === name))),
    prepare(form, ids, isCurrentVersion) {
      const outdated = isCurrentVersion ? legacy.filter((name) => form.has(name)) : [];
      if (outdated.length > 0) throw unknownParams(outdated);
      const rest = new Map(form);
      const expansion = rest.get('expand');
      rest.delete('expand');
      const expand = expansion === undefined ? [] : expandParam.expand.read(expansion, 'expand');
      const params = readParams(shape, rest);
      return { expand, execute: (context) => handle(context, params, pathIds(template, ids)) };
    },
  };
}

/** A part of Stripe that this simulator does not have. */
export function refusedRoute(method: Method, template: string): Route {
  return {
    ...route(method, template, {}, () => ({})),
    prepare: () => {
      throw invalidParam(`simulator: ${method} ${template} is not simulated`, 'url', 'endpoint_not_simulated');
    },
  };
}
