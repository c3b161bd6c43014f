import type { FormMap, FormValue } from '../core/form.ts';
import { type Params, readParams, type Shape } from '../core/params.ts';
import type { Method, PathIds } from '../core/routes.ts';
import type { World } from '../core/world.ts';

/** One switch of the control API. Bodies are JSON or forms, checked as strictly as Stripe's own parameters. */
export interface ControlRoute {
  readonly method: Method;
  readonly template: string;
  run(world: World, form: FormMap, ids: ReadonlyMap<string, string>): object | Promise<object>;
}

export function control<const Template extends string, S extends Shape>(
  method: Method,
  template: Template,
  shape: S,
  handle: (world: World, params: Params<S>, ids: PathIds<Template>) => object | Promise<object>,
): ControlRoute {
  return {
    method,
    template,
    run(world, form, ids) {
      // The router fills in exactly the names that the template has.
      const pathIds = Object.fromEntries(ids) as PathIds<Template>;
      return handle(world, readParams(shape, form), pathIds);
    },
  };
}

/** JSON as the form that it would have been: numbers and booleans as text, null as the empty string. */
export function jsonToForm(json: unknown): FormMap {
  const value = toFormValue(json);
  return value instanceof Map ? value : new Map();
}

function toFormValue(json: unknown): FormValue {
  if (json === null || json === undefined) return '';
  if (typeof json !== 'object') return String(json);
  return new Map(
    Object.entries(json)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, toFormValue(value)]),
  );
}
