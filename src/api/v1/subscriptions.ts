import { z } from 'zod';
import { openPortal } from '../../billing/checkouts/open-portal.ts';
import { openedPortal } from './answers.ts';
import { ApiError } from './api-error.ts';
import { changing, type Endpoint } from './endpoint.ts';

/** What a customer can do about his subscription, at Stripe. */
export const subscriptions: readonly Endpoint[] = [
  changing({
    method: 'post',
    path: '/subscriptions/:id/portal',
    name: 'openPortal',
    summary: 'Open the customer portal',
    description:
      'Stripe’s page on which a customer changes his card or his plan, or cancels. Its address ends soon: ask for one at each click, after you know who clicks.',
    scope: 'checkouts:write',
    id: {
      pattern: /^sub_[A-Za-z0-9]{1,200}$/,
      example: 'sub_1Qexample',
      missing: (told) => new ApiError('not_found', `There is no subscription ${told}.`),
    },
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
