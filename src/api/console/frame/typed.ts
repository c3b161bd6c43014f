import { z } from 'zod';
import { printable } from '../../../platform/text.ts';

/** What somebody has typed into a form of the console, or into its address. */

/** Without what can't be seen: Postgres takes no NUL in a text, and nobody should read one that is turned around. */
export function clean(text: unknown): string {
  return typeof text === 'string' ? printable(text).trim() : '';
}

/** A field of a form, without spaces around it; empty when it was not sent, the first when it was sent twice. */
export function textIn(body: unknown, name: string): string {
  const isSent = typeof body === 'object' && body !== null && Object.hasOwn(body, name);
  return first(isSent ? Reflect.get(body, name) : undefined);
}

function first(sent: unknown): string {
  return clean(Array.isArray(sent) ? sent[0] : sent);
}

/** For the fields of a form: what `textIn` says of each. */
export const line = z.unknown().optional().transform(first);

/** Characters of a reason; the fields of the pages take no more. */
const LONGEST_REASON = 500;

export const reason = line
  .refine((text) => text !== '', 'A reason is needed; it is kept in the audit log.')
  .transform((text) => text.slice(0, LONGEST_REASON));

/** The one of these names that the address asks for, else the first. */
export function oneOf<Name extends string>(names: readonly [Name, ...Name[]], asked: string): Name {
  return names.find((name) => name === asked) ?? names[0];
}
