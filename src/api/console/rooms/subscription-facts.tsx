import type { ComponentChildren, VNode } from 'preact';
import type { AccessPolicy } from '../../../billing/policy/access.ts';
import type { SubscriptionTrace } from '../../../billing/subscription-trace.ts';
import { planInWords, priceInWords } from '../../../billing/subscriptions/item-words.ts';
import { standingOf } from '../../../billing/subscriptions/standing.ts';
import { STANDING_WORDS, standingInWords } from '../../../billing/subscriptions/standing-words.ts';
import type { Subscription } from '../../../billing/subscriptions/subscription.ts';
import { inWords } from '../../../platform/in-words.ts';
import { Fact, When } from '../parts/facts.tsx';
import { Period } from '../parts/period.tsx';
import { Table } from '../parts/table.tsx';
import { Reference } from './reference.tsx';

/** What a subscription is, and what it is over. */

interface Told {
  readonly trace: SubscriptionTrace;
}

export function Facts({ trace: { subscription, reference, asked } }: Told): VNode {
  const standing = standingOf(subscription);
  const { customer, email, endedAt, canceledAt, schedule, session, testClock, metadata } = subscription;
  return (
    <dl class="record">
      <Fact name="Status">
        {standingInWords(standing)}
        {inWords(subscription.status) === STANDING_WORDS[standing.status] ? null : (
          <span class="hint"> (Stripe says {inWords(subscription.status)})</span>
        )}
      </Fact>
      <Fact name="Planned end">{standing.endsAt ? <When at={standing.endsAt} /> : null}</Fact>
      <Fact name="Canceled">{canceledAt ? <When at={canceledAt} /> : null}</Fact>
      <Fact name="Ended">{endedAt ? <When at={endedAt} /> : null}</Fact>
      <Fact name="Reference">
        {reference === null ? 'nobody’s, or nobody knows' : <Reference reference={reference} />}
      </Fact>
      <Fact name="Customer">
        <code>{customer}</code>
        {email ? <span class="text"> {email}</span> : null}
      </Fact>
      <Fact name="Trial">{trialOf(subscription)}</Fact>
      <Fact name="Collection paused">{pauseOf(subscription)}</Fact>
      <Fact name="Pending change">
        {subscription.pendingUpdateUntil ? (
          <>
            waits for its payment until <When at={subscription.pendingUpdateUntil} />; until it is paid, what was paid
            before holds
          </>
        ) : null}
      </Fact>
      <Fact name="Schedule">{schedule ? <code>{schedule}</code> : null}</Fact>
      <Fact name="Payment method">{paidBy(subscription)}</Fact>
      <Fact name="Began">
        <When at={subscription.created} />
        {session ? (
          <>
            {' '}
            in Checkout <code>{session}</code>
          </>
        ) : null}
      </Fact>
      <Fact name="Metadata">
        {Object.keys(metadata).length > 0 ? (
          <span class="text">
            {Object.entries(metadata)
              .map(([key, value]) => `${key}: ${value}`)
              .join(', ')}
          </span>
        ) : null}
      </Fact>
      <Fact name="Mode">{subscription.livemode ? null : 'test'}</Fact>
      <Fact name="Test clock">{testClock ? <code>{testClock}</code> : null}</Fact>
      <Fact name="Stripe was asked">
        <When at={asked} />
      </Fact>
      <Fact name="Id">
        <code>{subscription.id}</code>
      </Fact>
    </dl>
  );
}

const AFTER_TRIAL = {
  create_invoice: 'an invoice is made all the same',
  cancel: 'it is canceled',
  pause: 'it is paused',
} as const;

function trialOf({ trialStart, trialEnd, afterTrial, status }: Subscription): ComponentChildren {
  if (!trialEnd) return null;
  return (
    <>
      {trialStart ? <When at={trialStart} /> : null} – <When at={trialEnd} />
      {status === 'trialing' ? `; if there is no payment method then, ${AFTER_TRIAL[afterTrial]}` : ''}
    </>
  );
}

const WHILE_PAUSED: Readonly<Record<string, string>> = {
  keep_as_draft: 'its invoices stay drafts',
  mark_uncollectible: 'its invoices are marked uncollectible',
  void: 'its invoices are void',
};

function pauseOf({ pauseCollection, pauseResumesAt }: Subscription): ComponentChildren {
  if (pauseCollection === null) return null;
  return (
    <>
      {WHILE_PAUSED[pauseCollection] ?? inWords(pauseCollection)}
      {pauseResumesAt ? (
        <>
          ; it goes on <When at={pauseResumesAt} />
        </>
      ) : (
        '; nobody has said until when'
      )}
    </>
  );
}

function paidBy({ collectionMethod, paymentMethod }: Subscription): ComponentChildren {
  const charged = paymentMethod ? <code>{paymentMethod}</code> : 'none';
  return collectionMethod === 'send_invoice' ? 'invoices are sent, which the customer pays' : charged;
}

export function Items({ trace: { subscription }, policy }: Told & { readonly policy: AccessPolicy }): VNode {
  return (
    <section>
      <h2>Items</h2>
      <Table
        caption="What it is over"
        columns={['Plan', 'Price', 'Quantity', 'Period', 'Stripe’s price']}
        numbers={['Quantity']}
        empty="Nothing."
        rows={subscription.items.map(({ id, price, quantity, periodStart, periodEnd }) => ({
          key: id,
          cells: [
            planInWords(price, policy),
            priceInWords(price),
            quantity ?? '–',
            <Period key="period" from={periodStart} to={periodEnd} />,
            <code key="price">{price.lookupKey ?? price.id}</code>,
          ],
        }))}
      />
    </section>
  );
}
