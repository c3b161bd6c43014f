import { z } from 'zod';
import type { Deps } from '../../billing/deps/deps.ts';
import type { Deed } from '../../billing/managing/deed.ts';
import { doneInWords } from '../../billing/managing/done-words.ts';
import { manageSubscription } from '../../billing/managing/manage-subscription.ts';
import { viewSubscription } from '../../billing/managing/subscription-views.ts';
import { printable } from '../../platform/text.ts';
import type { Answer, Call } from './change.ts';
import { changing, type Endpoint } from './endpoint.ts';
import { presentSubscription } from './present-subscription.ts';
import { managedAnswer, pausedInvoices } from './subscription-answers.ts';
import { subscriptionId } from './subscription-id.ts';

/** What an application does about a subscription. Stripe is looked at first: what stands so already is not done again. */
const reason = z
  .string('is required: why is this done?')
  .overwrite((text) => printable(text).trim())
  .min(1, 'is required: why is this done?')
  .max(500, 'may have 500 characters')
  .meta({ description: 'Kept in the audit log.' });

const cancelBody = z
  .discriminatedUnion(
    'when',
    [
      z.strictObject({
        when: z.literal('now'),
        invoice_now: z.boolean('must be true or false').default(false).meta({
          description: 'Bill what was used and what waits for an invoice; else nobody bills it any more.',
        }),
        reason,
      }),
      z.strictObject({ when: z.literal('period_end'), reason }),
    ],
    { error: 'must be now or period_end' },
  )
  .meta({ id: 'CancelSubscription', example: { when: 'period_end', reason: 'the customer asked for it' } });

const pauseBody = z
  .discriminatedUnion(
    'what',
    [
      z.strictObject({
        what: z.literal('collection'),
        invoices: pausedInvoices.meta({
          description:
            'What becomes of those that are made meanwhile: `void`, never to be paid; `keep_as_draft`, to be paid later; `mark_uncollectible`.',
        }),
        until: z.iso
          .datetime({ offset: true, error: 'must be a moment, such as 2026-12-31T09:05:00Z' })
          .transform((text) => new Date(text))
          .optional()
          .meta({ description: 'When Stripe collects again; left out: when somebody says so.' }),
        reason,
      }),
      z.strictObject({ what: z.literal('subscription'), reason }),
    ],
    { error: 'must be collection or subscription' },
  )
  .meta({
    id: 'PauseSubscription',
    example: { what: 'collection', invoices: 'void', until: '2026-12-31T09:05:00Z', reason: 'a month as a gift' },
  });

const plainBody = z.strictObject({ reason });

const common = {
  method: 'post',
  scope: 'subscriptions:write',
  id: subscriptionId,
  once: 'repeatable',
  answers: { 200: { description: 'How it stands now.', schema: managedAnswer } },
  problems: ['not_found', 'not_allowed', 'invalid_fields', 'unavailable'],
} as const;

export const subscriptionDeeds: readonly Endpoint[] = [
  changing({
    ...common,
    path: '/subscriptions/:id/cancel',
    name: 'cancelSubscription',
    summary: 'Cancel a subscription',
    description:
      'At the end of the period it gives until then what it gives now, and can be resumed. Now, it gives nothing more, and is over; no money goes back, and Stripe collects its open invoices no more.',
    body: cancelBody,
    handle: (call, deps) => {
      const { body } = call;
      return managed(
        body.when === 'now'
          ? { deed: 'cancel', when: 'now', invoiceNow: body.invoice_now }
          : { deed: 'cancel', when: 'period_end' },
        call,
        deps,
      );
    },
  }),
  changing({
    ...common,
    path: '/subscriptions/:id/resume',
    name: 'resumeSubscription',
    summary: 'Resume a subscription',
    description:
      'Takes back a planned end, and lets a paused subscription go on. That is invoiced at once, and gives nothing before it is paid.',
    body: plainBody,
    handle: (call, deps) => managed({ deed: 'resume' }, call, deps),
  }),
  changing({
    ...common,
    path: '/subscriptions/:id/pause',
    name: 'pauseSubscription',
    summary: 'Pause a subscription, or the collection of its invoices',
    description:
      'While its collection is paused a subscription is active, and gives what the policy says. As a whole it gives nothing while it is paused, and what is left of the period is credited on its next invoice; Stripe does that only with the billing mode flexible.',
    body: pauseBody,
    handle: (call, deps) => {
      const { body } = call;
      return managed(
        body.what === 'collection'
          ? { deed: 'pause', what: 'collection', invoices: body.invoices, until: body.until ?? null }
          : { deed: 'pause', what: 'subscription' },
        call,
        deps,
      );
    },
  }),
  changing({
    ...common,
    path: '/subscriptions/:id/unpause',
    name: 'unpauseSubscription',
    summary: 'End a pause of a subscription',
    description: 'Of either kind. A planned end stays planned.',
    body: plainBody,
    handle: (call, deps) => managed({ deed: 'unpause' }, call, deps),
  }),
];

async function managed(
  deed: Deed,
  { id, actor, mayRead, body }: Call<{ readonly reason: string }>,
  deps: Deps,
): Promise<Answer> {
  const { changed, done } = await manageSubscription(id, deed, { actor, reason: body.reason }, deps);
  const view = mayRead ? await viewSubscription(deps.db, id) : undefined;
  return {
    status: 200,
    body: {
      changed,
      detail: doneInWords(done, (moment) => moment.toISOString()),
      subscription: view ? presentSubscription(view, deps.policy.access) : null,
    },
  };
}
