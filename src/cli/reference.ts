import { asReference } from '../billing/access/reference.ts';

/** @throws Error for what can be none */
export function referenceOf(given: string): string {
  const reference = asReference(given);
  if (reference === undefined) throw new Error('REFERENCE must have 1 to 200 characters.');
  return reference;
}
