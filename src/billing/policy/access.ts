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

/** A number for each unit of the quantity, as of seats: `{ "per_unit": 1 }`. */
const perUnit = z.strictObject({ per_unit: z.number('must be a number') });

const planFeatures = z
  .union(
    [
      z.array(featureName).transform((names) => Object.fromEntries(names.map((name) => [name, true as const]))),
      z.record(
        featureName,
        z.union(
          [z.literal(true), z.number(), z.string(), perUnit],
          'must be true, a number, a text or {"per_unit": 1}',
        ),
      ),
    ],
    'must be a list of names, or an object of names with true, a number, a text or {"per_unit": 1}',
  )
  .refine((named) => Object.keys(named).length > 0, 'must name a feature');

const plan = z
  .strictObject({
    name: z.string().min(1, 'must say what the plan is, in words for its buyer'),
    /** Lookup keys, or ids (price_…). The first is what a checkout of the plan sells unless another is asked for. */
    prices: z.array(z.string().min(1)).default([]),
    /** prod_…: every price of it, also those that come later. */
    product: z.string().startsWith('prod_', 'must be the id of a product: prod_…').optional(),
    features: planFeatures,
    /** Days of trial that a checkout of ours offers, once to each reference. */
    trial_days: z.int('must be a whole number of days').min(1, 'must be 1 or more').max(730, 'may be 730').optional(),
  })
  .refine(({ prices, product }) => prices.length > 0 || product !== undefined, 'must name prices, or a product');

export const accessPolicy = z
  .strictObject({
    /** Keys of metadata that say who it is in the application; the first that is there counts, `client_reference_id` before it. */
    reference_metadata: z.array(z.string().min(1)).default([]),
    /** Every one that fits counts. */
    purchases: z.array(purchase).default([]),
    /** What subscriptions give the use of, by the name that the application has for the plan. */
    plans: z.record(featureName, plan).default({}),
    /** Days for which what was paid is kept when a renewal fails, from its end on. */
    grace_days: z.int('must be a whole number of days').min(0, 'must be 0 or more').max(90, 'may be 90').default(14),
    /** Whether what a subscription gives is kept while the collection of its invoices is paused. */
    while_collection_paused: z.enum(['keep', 'end'], 'must be keep or end').default('keep'),
    /** For how many seconds a signed token holds at most; it is never called back. */
    token_seconds: z
      .int('must be a whole number of seconds')
      .min(10, 'must be 10 or more')
      .max(3_600, 'may be 3600')
      .default(300),
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

export type Plan = AccessPolicy['plans'][string];

/** Without a rule nobody is given anything for a one-off payment, and nobody is asked. */
export function givesAccess({ purchases }: AccessPolicy): boolean {
  return purchases.length > 0;
}

/** Raised when a release decides otherwise by the same policy. */
export const ACCESS_LOGIC = 2;

/** By what access is decided: what was decided by another is decided again. */
export function accessPolicyHash(access: AccessPolicy): string {
  return createHash('sha256')
    .update(JSON.stringify([ACCESS_LOGIC, access]))
    .digest('hex')
    .slice(0, 16);
}
