import { printable } from '../../platform/text.ts';
import type { AccessPolicy } from '../policy/access.ts';

/** Who somebody is in the application: its own word for him, which Stripe carries along (`client_reference_id`). */
export const LONGEST_REFERENCE = 200;

/** @returns undefined for what can't be one: nothing, or longer than Stripe's own field */
export function asReference(text: string | null | undefined): string | undefined {
  const reference = printable(text ?? '').trim();
  return reference === '' || reference.length > LONGEST_REFERENCE ? undefined : reference;
}

/** Stands in the metadata of what was sold through `/v1/checkouts`. */
export const OUR_REFERENCE = 'quittance_reference';

/** Who a purchase says to be for: `client_reference_id`, then ours, then the keys of metadata that the policy names. */
export function saidIn(
  said: string | null,
  metadata: Readonly<Record<string, string>>,
  { reference_metadata: keys }: AccessPolicy,
): string | undefined {
  return [said, metadata[OUR_REFERENCE], ...keys.map((key) => metadata[key])]
    .map(asReference)
    .find((reference) => reference !== undefined);
}
