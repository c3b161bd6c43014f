import { createHash } from 'node:crypto';
import { z } from 'zod';
import { pattern } from './eligibility-rules.ts';

/** What payments give their buyers the use of. */
export const FEATURE = /^[a-z0-9][a-z0-9._:-]{0,63}$/;

export const featureName = z
  .string()
  .regex(FEATURE, 'must be lower-case letters, digits and . _ : - only, 64 at most, e.g. course-a');

/** Names, or how much of each: `["pro"]`, `{ "pro": true, "seats": 5 }`. */
const features = z
  .union(
    [
      z.array(featureName).transform((names) => Object.fromEntries(names.map((name) => [name, true as const]))),
      z.record(featureName, z.union([z.literal(true), z.number(), z.string()], 'must be true, a number or a text')),
    ],
    'must be a list of names, or an object of names with true, a number or a text',
  )
  .refine((named) => Object.keys(named).length > 0, 'must name a feature');

const purchase = z.strictObject({
  name: z.string().min(1, 'must say what was bought, in words for its buyer'),
  when: z
    .strictObject({
      /** Product id (prod_…) of a line item. */
      product: pattern,
      /** Price id (price_…) of a line item. */
      price: pattern,
      /** Metadata of the checkout session, the payment intent or the customer, by key. */
      metadata: z.record(z.string(), pattern),
      /** Description of the payment intent or of a line item. */
      description: pattern,
    })
    .partial()
    .refine(
      (when) => Object.keys(when).length > 0,
      'must name a product, price, metadata or description: else every payment would give it',
    ),
  features,
  /** Days from the payment on; without an end if left out. */
  days: z.int('must be a whole number of days').min(1, 'must be 1 or more').max(36_500, 'may be 36500').optional(),
});

export const accessPolicy = z
  .strictObject({
    /** Keys of metadata that say who it is in the application; the first that is there counts, `client_reference_id` before it. */
    reference_metadata: z.array(z.string().min(1)).default([]),
    /** Every one that fits counts. */
    purchases: z.array(purchase).default([]),
    /** What takes away again what a payment gave. */
    ends_after: z
      .strictObject({
        full_refund: z.boolean('must be true or false').default(true),
        lost_dispute: z.boolean('must be true or false').default(true),
      })
      .prefault({}),
    letter: z
      .strictObject({
        /** Whether the buyer is told by mail. */
        access_granted: z.boolean('must be true or false').default(true),
        /** Where what was bought can be used. */
        link: z.url({ protocol: /^https?$/, error: 'must be an address that begins with https://' }).optional(),
      })
      .prefault({}),
  })
  .prefault({});

export type AccessPolicy = z.output<typeof accessPolicy>;
export type PurchaseRule = AccessPolicy['purchases'][number];

/** Without a rule nobody is given anything, and nobody is asked. */
export function givesAccess({ purchases }: AccessPolicy): boolean {
  return purchases.length > 0;
}

/** Raised when a release decides otherwise by the same policy. */
export const ACCESS_LOGIC = 1;

/** By what access is decided: what was decided by another is decided again. */
export function accessPolicyHash(access: AccessPolicy): string {
  return createHash('sha256')
    .update(JSON.stringify([ACCESS_LOGIC, access]))
    .digest('hex')
    .slice(0, 16);
}
