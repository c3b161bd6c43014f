import { z } from 'zod';
import { openPortal } from '../../billing/checkouts/open-portal.ts';
import { viewSubscription } from '../../billing/managing/subscription-views.ts';
import { NoSuchSubscription } from '../../billing/subscriptions/no-such-subscription.ts';
import { openedPortal } from './answers.ts';
import { changing, type Endpoint, NO_QUERY, reading } from './endpoint.ts';
import { presentSubscription } from './present-subscription.ts';
import { subscriptionAnswer } from './subscription-answers.ts';
import { subscriptionId } from './subscription-id.ts';

/** How a subscription stands, and what its customer can do about it at Stripe. */
export const subscriptions: readonly Endpoint[] = [
  reading({
    path: '/subscriptions/:id',
    name: 'readSubscription',
    summary: 'Read a subscription',
    description: 'From what is kept, which is what Stripe said when something of it changed for the last time.',
    scope: 'subscriptions:read',
    id: subscriptionId,
    query: NO_QUERY,
    answers: { 200: { description: 'The subscription.', schema: subscriptionAnswer } },
    problems: ['not_found'],
    handle: async ({ id }, { db, policy }) => {
      const view = await viewSubscription(db, id);
      if (!view) throw new NoSuchSubscription(id);
      return presentSubscription(view, policy.access);
    },
  }),
  changing({
    method: 'post',
    path: '/subscriptions/:id/portal',
    name: 'openPortal',
    summary: 'Open the customer portal',
    description:
      'Stripe’s page on which a customer changes his card or his plan, or cancels. Its address ends soon: ask for one at each click, after you know who clicks.',
    scope: 'checkouts:write',
    id: subscriptionId,
    body: z.strictObject({
      return_url: z
        .url({ protocol: /^https?$/, error: 'must be an address that begins with https://' })
        .max(2_000, 'may have 2000 characters')
        .meta({ description: 'Where the page leads back to.' }),
    }),
    once: 'repeatable',
    answers: { 200: { description: 'The page.', schema: openedPortal } },
    problems: ['not_found', 'not_allowed', 'invalid_fields', 'unavailable'],
    handle: async ({ id, body }, deps) => ({ status: 200, body: await openPortal(id, body.return_url, deps) }),
  }),
];
