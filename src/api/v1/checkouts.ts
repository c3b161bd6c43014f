import { z } from 'zod';
import { asReference, LONGEST_REFERENCE } from '../../billing/access/reference.ts';
import { sell } from '../../billing/checkouts/sell.ts';
import { featureName } from '../../billing/policy/access.ts';
import { openedCheckout } from './answers.ts';
import { changing, type Endpoint } from './endpoint.ts';

/** Selling to somebody of the application: docs/access.md describes it in words. */
const reference = z
  .string('is required: who is it in the application?')
  .transform((text) => asReference(text))
  .pipe(z.string(`must have 1 to ${LONGEST_REFERENCE} characters`));

const address = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https://' })
  .max(2_000, 'may have 2000 characters');

const newCheckout = z
  .strictObject({
    reference,
    plan: featureName
      .optional()
      .meta({ description: 'A plan of the policy, by your own name for it: a subscription begins.' }),
    price: z
      .string()
      .max(200, 'may have 200 characters')
      .optional()
      .meta({ description: 'With `plan`: another of its prices than the first, by lookup key or id.' }),
    product: z
      .string()
      .regex(/^prod_[A-Za-z0-9_]{1,200}$/, 'must be the id of a product: prod_…')
      .optional()
      .meta({ description: 'Instead of a plan: something that is paid once, at its default price.' }),
    quantity: z.int('must be 1 to 10000').min(1, 'must be 1 to 10000').max(10_000, 'must be 1 to 10000').default(1),
    customer: z
      .string()
      .regex(/^cus_[A-Za-z0-9_]{1,200}$/, 'must be the id of a customer: cus_…')
      .optional()
      .meta({ description: 'For a customer who is at Stripe from before: he is this person from now on.' }),
    email: z
      .email('must be an e-mail address')
      .max(512, 'may have 512 characters')
      .optional()
      .meta({ description: 'For a customer who is not at Stripe yet.' }),
    success_url: address.meta({
      description: 'Where Checkout leads to afterwards; `{CHECKOUT_SESSION_ID}` in it becomes the id of the session.',
    }),
    cancel_url: address.optional(),
  })
  .superRefine(({ plan, product, price }, context) => {
    if ((plan === undefined) === (product === undefined)) {
      context.addIssue({ code: 'custom', path: ['plan'], message: 'is required, or a product: one of the two' });
    }
    if (price !== undefined && plan === undefined) {
      context.addIssue({ code: 'custom', path: ['price'], message: 'is one of a plan' });
    }
  })
  .meta({
    id: 'NewCheckout',
    example: {
      reference: 'user-17',
      plan: 'pro',
      success_url: 'https://app.example/welcome?session={CHECKOUT_SESSION_ID}',
    },
  });

export const checkouts: readonly Endpoint[] = [
  changing({
    method: 'post',
    path: '/checkouts',
    name: 'openCheckout',
    summary: 'Open a checkout',
    description:
      'The page at Stripe on which somebody pays. Asked for the same again, while it is open, the answer is the same page; asked for something else, that one is closed first. Who has a subscription of the product already gets 409, with what to do instead.',
    scope: 'checkouts:write',
    body: newCheckout,
    once: 'repeatable',
    answers: { 200: { description: 'The page.', schema: openedCheckout } },
    problems: ['not_allowed', 'invalid_fields', 'unavailable'],
    handle: async ({ body, actor }, deps) => ({ status: 200, body: await sell(body, actor, deps) }),
  }),
];
