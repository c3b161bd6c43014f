import type { FormMap } from './form.ts';
import { type Method, type PathIds, pathIds } from './templates.ts';
import type { World } from './world.ts';

export type PageAnswer = { status: number; html: string } | { redirect: string };

/** A page for people: HTML without scripts, and forms that post back. */
export interface PageRoute {
  readonly method: Method;
  readonly template: string;
  run(world: World, form: FormMap, ids: ReadonlyMap<string, string>): PageAnswer;
}

export function page<const Template extends string>(
  method: Method,
  template: Template,
  run: (world: World, form: FormMap, ids: PathIds<Template>) => PageAnswer,
): PageRoute {
  return { method, template, run: (world, form, ids) => run(world, form, pathIds(template, ids)) };
}

/** One text field of a form, trimmed; undefined when it is missing or empty. */
export function field(form: FormMap, name: string): string | undefined {
  const value = form.get(name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
