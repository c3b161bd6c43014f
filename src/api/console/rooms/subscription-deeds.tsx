import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { z } from 'zod';
import { type Deed, type Done, PAUSED_INVOICES } from '../../../billing/managing/deed.ts';
import { type Managed, manageSubscription } from '../../../billing/managing/manage-subscription.ts';
import { type Possible, possibleNow } from '../../../billing/managing/possible.ts';
import { waitsFor } from '../../../billing/managing/waits-for.ts';
import type { SubscriptionTrace } from '../../../billing/subscription-trace.ts';
import { endOfDay } from '../../../platform/business-day.ts';
import { Refused } from '../../../platform/errors.ts';
import { form } from '../frame/form.ts';
import { line, reason } from '../frame/typed.ts';
import { PlaceContext } from '../parts/place.ts';
import { ReasonForm } from '../parts/reason-form.tsx';

/** What an operator can do about a subscription at Stripe: each form stands where it is possible, and is one deed. */
const says = {
  ended: 'The subscription has ended.',
  ends: 'Its end is planned. Until then it gives what it gives now.',
  goes_on: 'The subscription goes on.',
  waits_for_payment:
    'Stripe has made an invoice for it. It goes on when that is paid: on its page, below among the invoices.',
  collection_paused: 'Its invoices are not collected for now.',
  paused: 'The subscription is paused. It gives nothing until it is resumed.',
  already: 'It stood so already: nothing was to be done.',
} as const satisfies Record<Done['is'] | 'already', string>;

function saying({ changed, done }: Managed): { done: keyof typeof says } {
  return { done: changed || done.is === 'waits_for_payment' ? done.is : 'already' };
}

function plainForm(path: `/${string}`, deed: Deed) {
  return form({
    path,
    fields: z.object({ reason }),
    says,
    send: async ({ reason: why }, { id, actor }, { billing }) =>
      saying(await manageSubscription(id, deed, { actor, reason: why }, billing)),
  });
}

const cancelAtEnd = plainForm('/cancel-at-period-end', { deed: 'cancel', when: 'period_end' });
const resume = plainForm('/resume', { deed: 'resume' });
const pause = plainForm('/pause', { deed: 'pause', what: 'subscription' });
const unpause = plainForm('/unpause', { deed: 'unpause' });

const cancelNow = form({
  path: '/cancel-now',
  fields: z.object({ reason, invoice_now: line }),
  says,
  async send({ reason: why, invoice_now: bill }, { id, actor }, { billing }) {
    const deed = { deed: 'cancel', when: 'now', invoiceNow: bill === 'yes' } as const;
    return saying(await manageSubscription(id, deed, { actor, reason: why }, billing));
  },
});

const pauseCollection = form({
  path: '/pause-collection',
  fields: z.object({
    reason,
    invoices: line.pipe(z.enum(PAUSED_INVOICES, 'Choose what becomes of its invoices meanwhile.')),
    until: line,
  }),
  says,
  async send({ reason: why, invoices, until: day }, { id, actor }, { billing }) {
    const until = day === '' ? null : endOfDay(billing.timeZone, day);
    if (until === undefined) throw new Refused(`${day} is no day like 2027-01-31.`);
    const deed = { deed: 'pause', what: 'collection', invoices, until } as const;
    return saying(await manageSubscription(id, deed, { actor, reason: why }, billing));
  },
});

export const subscriptionForms = [cancelAtEnd, cancelNow, resume, pause, pauseCollection, unpause];

const FORMS: Readonly<Record<Possible, () => VNode>> = {
  resume: () => (
    <ReasonForm
      summary="Resume…"
      form={resume}
      effect="A planned end is taken back. If it is paused, Stripe begins a new period and invoices it now; it gives something again when that is paid."
      button="Resume it"
    />
  ),
  unpause: () => (
    <ReasonForm
      summary="Collect again…"
      form={unpause}
      effect="Stripe collects the invoices that it makes from now on. Drafts of the meantime stay drafts, until somebody finalizes them at Stripe."
      button="Collect again"
    />
  ),
  cancel_at_period_end: () => (
    <ReasonForm
      summary="Cancel at the end of the period…"
      form={cancelAtEnd}
      effect="It is not renewed. Until the end of what is paid it gives what it gives now, and it can be resumed."
      button="Plan its end"
    />
  ),
  cancel_now: () => (
    <ReasonForm
      summary="Cancel now…"
      form={cancelNow}
      effect="It ends at once and for good, and so does what it gives. No money goes back by this, and Stripe collects its open invoices no more."
      button="Cancel it now"
      danger
    >
      <label class="tick">
        <input type="checkbox" name="invoice_now" value="yes" />
        <span>
          Bill what was used and what waits for an invoice
          <span class="hint">Else nobody bills that any more.</span>
        </span>
      </label>
    </ReasonForm>
  ),
  pause: () => (
    <ReasonForm
      summary="Pause…"
      form={pause}
      effect="It gives nothing, and no invoices are made, until it is resumed. What is left of the period is credited on its next invoice."
      button="Pause it"
    />
  ),
  pause_collection: () => (
    <ReasonForm
      summary="Pause its collection…"
      form={pauseCollection}
      effect="It stays active, and Stripe collects none of the invoices that it makes meanwhile. Those that are open already are tried on."
      button="Pause its collection"
    >
      <PauseFields />
    </ReasonForm>
  ),
};

const BECOME = {
  void: 'void: never to be paid',
  keep_as_draft: 'kept as drafts: to be paid later',
  mark_uncollectible: 'marked uncollectible',
} as const satisfies Record<(typeof PAUSED_INVOICES)[number], string>;

function PauseFields(): VNode {
  const { sent } = useContext(PlaceContext);
  const returned = sent?.path === pauseCollection.path ? sent : undefined;
  return (
    <>
      <label>
        Its invoices are meanwhile
        <select name="invoices" required>
          {PAUSED_INVOICES.map((name) => (
            <option key={name} value={name} selected={returned?.text('invoices') === name}>
              {BECOME[name]}
            </option>
          ))}
        </select>
      </label>
      <label>
        Last day
        <input type="date" name="until" value={returned?.text('until')} />
        <span class="hint">Left empty it lasts until somebody ends it.</span>
      </label>
    </>
  );
}

/** In the order in which they are wanted; what is left of them when nothing else is possible is told by the status. */
const ORDER = ['resume', 'unpause', 'cancel_at_period_end', 'pause_collection', 'pause', 'cancel_now'] as const;

export function SubscriptionDeeds({ trace: { subscription, invoices } }: { readonly trace: SubscriptionTrace }): VNode {
  const open = invoices.filter(({ status }) => status === 'open').toReversed();
  const oldestFirst = open.map(({ id, hostedInvoiceUrl }) => ({ id, url: hostedInvoiceUrl }));
  const possible = possibleNow({ subscription, openInvoice: waitsFor(subscription, oldestFirst) });
  // Both let a paused one go on, and only one of them takes back its end.
  const isOne = possible.includes('resume') && subscription.pauseCollection === null;
  const offered = ORDER.filter((name) => possible.includes(name) && !(isOne && name === 'unpause'));
  return (
    <>
      {offered.map((name) => {
        const Deed = FORMS[name];
        return <Deed key={name} />;
      })}
    </>
  );
}
