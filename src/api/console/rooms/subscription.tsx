import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { z } from 'zod';
import type { AccessPolicy } from '../../../billing/policy/access.ts';
import { type SubscriptionTrace, traceSubscription } from '../../../billing/subscription-trace.ts';
import { plansInWords } from '../../../billing/subscriptions/item-words.ts';
import { lookAgain } from '../../../billing/subscriptions/look-again.ts';
import { standingOf } from '../../../billing/subscriptions/standing.ts';
import { SUBSCRIPTION_ID } from '../../../billing/subscriptions/subscription-list.ts';
import { inWords } from '../../../platform/in-words.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { reason } from '../frame/typed.ts';
import { AuditTrail } from '../parts/audit-trail.tsx';
import { PlaceContext } from '../parts/place.ts';
import { ReasonForm } from '../parts/reason-form.tsx';
import { StandingChip } from '../parts/standing-chip.tsx';
import { TracedEvents, TracedQuestions } from '../parts/traced.tsx';
import type { AuditRow } from '../records/records.ts';
import { auditOf } from '../records/review-records.ts';
import { SubscriptionDeeds, subscriptionForms } from './subscription-deeds.tsx';
import { Facts, Items } from './subscription-facts.tsx';
import { FailedPayments, Given } from './subscription-history.tsx';
import { Invoices } from './subscription-invoices.tsx';
import { AskForPortal, Portal, portalForm, type WithPortal } from './subscription-portal.tsx';

/** Everything about one subscription. */
interface Content extends WithPortal {
  readonly trace: SubscriptionTrace;
  /** What its plans are called. */
  readonly policy: AccessPolicy;
  readonly audit: readonly AuditRow[];
}

const look = form({
  path: '/look',
  fields: z.object({ reason }),
  says: {
    looked: 'Stripe was asked. This is what it says now.',
    gone: 'Stripe does not have it any more. What is kept of it here is as it was.',
  },
  async send({ reason: why }, { id, actor }, { billing }) {
    const { outcome } = await lookAgain({ subscription: id }, billing, { actor, reason: why });
    return { done: outcome === 'ignored' ? 'gone' : 'looked' };
  },
});

export const subscription = room({
  path: '/subscriptions/:id',
  id: SUBSCRIPTION_ID,
  linked: true,
  says: {
    applied: 'The subscription is changed, and what was shown is charged.',
    waiting: 'The change waits for the payment of its invoice: what costs more is given when that is paid.',
    scheduled: 'The change is planned: it comes with the next period.',
  },
  forms: [look, ...subscriptionForms, portalForm],
  async read({ id }, { billing: { db, policy } }): Promise<Content | undefined> {
    const [trace, audit] = await Promise.all([traceSubscription(db, id), auditOf(db, id)]);
    return trace && { trace, policy: policy.access, audit };
  },
  page: ({ trace, policy, audit, portal }, { mayChange }) => ({
    title: `Subscription: ${plansInWords(trace.subscription.items, policy)}`,
    beside: <StandingChip status={standingOf(trace.subscription).status} />,
    body: (
      <>
        {trace.questions
          .filter(({ state }) => state === 'open')
          .map((item) => (
            <p key={item.id} class="flash problem">
              <a href={`/console/reviews/${item.id}`}>A decision is needed: {inWords(item.kind)}.</a> {item.summary}
            </p>
          ))}
        {mayChange ? (
          <>
            <Portal portal={portal} />
            <div class="actions">
              <Change />
              <SubscriptionDeeds trace={trace} />
              {portal === undefined ? <AskForPortal status={trace.subscription.status} /> : null}
              <Look />
            </div>
          </>
        ) : null}
        <Facts trace={trace} />
        <Items trace={trace} policy={policy} />
        <Given trace={trace} />
        <Invoices trace={trace} policy={policy} />
        {trace.cases.length > 0 ? <FailedPayments cases={trace.cases} /> : null}
        {trace.questions.length > 0 ? <TracedQuestions questions={trace.questions} /> : null}
        <TracedEvents events={trace.events} />
        <AuditTrail audit={audit} />
      </>
    ),
  }),
});

function Look(): VNode {
  return (
    <ReasonForm
      summary="Look at Stripe now…"
      form={look}
      effect="Stripe is asked what it says of this subscription; what it gives is decided by that. Nothing is changed at Stripe."
      button="Look at Stripe"
    />
  );
}

function Change(): VNode {
  const { address } = useContext(PlaceContext);
  return (
    <a class="button quiet" href={`${address}/change`}>
      Change the plan…
    </a>
  );
}
