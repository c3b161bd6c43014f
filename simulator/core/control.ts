import type { Account } from './account.ts';
import type { FormMap, FormValue } from './form.ts';
import { type Params, readParams, type Shape } from './params.ts';
import { type Method, type PathIds, pathIds } from './templates.ts';
import type { World } from './world.ts';

/** What a call of the control API acts on: the account whose key it carries, without one the first. */
export interface Stage {
  readonly world: World;
  readonly account: Account;
}

/** One switch of the control API. Bodies are JSON or forms, checked as strictly as Stripe's own parameters. */
export interface ControlRoute {
  readonly method: Method;
  readonly template: string;
  run(stage: Stage, form: FormMap, ids: ReadonlyMap<string, string>): object | Promise<object>;
}

export function control<const Template extends string, S extends Shape>(
  method: Method,
  template: Template,
  shape: S,
  handle: (stage: Stage, params: Params<S>, ids: PathIds<Template>) => object | Promise<object>,
): ControlRoute {
  return {
    method,
    template,
    run(stage, form, ids) {
      return handle(stage, readParams(shape, form), pathIds(template, ids));
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
