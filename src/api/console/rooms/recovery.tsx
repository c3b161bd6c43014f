import type { VNode } from 'preact';
import { z } from 'zod';
import { howInWords } from '../../../billing/recovery/case-words.ts';
import {
  INVOICE_ID,
  resubscribeCustomer,
  resumeLetters,
  stopLetters,
  tryNow,
  unsubscribeCustomer,
} from '../../../billing/recovery/manage-recovery.ts';
import type { LetterPlan } from '../../../billing/recovery/next-letter.ts';
import { plannedLetter } from '../../../billing/recovery/planned-letter.ts';
import { type RecoveryTrace, traceRecovery } from '../../../billing/recovery/recovery-trace.ts';
import { Refused } from '../../../platform/errors.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { reason } from '../frame/typed.ts';
import type { ConsoleDeps } from '../frame/visit.ts';
import { AuditTrail } from '../parts/audit-trail.tsx';
import { CaseChip } from '../parts/case-chip.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import type { AuditRow } from '../records/records.ts';
import { auditOf } from '../records/review-records.ts';
import { CaseFacts, Timeline } from './recovery-facts.tsx';

/** Everything about one failed payment, by its invoice at Stripe. */
interface Content {
  readonly trace: RecoveryTrace;
  readonly letter: LetterPlan | undefined;
  readonly audit: readonly AuditRow[];
  readonly now: Date;
}

const fields = z.object({ reason });

const stop = form({
  path: '/stop',
  fields,
  says: { stopped: 'Nothing more is written about this invoice. Its tries go on.' },
  async send({ reason: why }, { id, actor }, { billing }) {
    await stopLetters(id, { actor, reason: why }, billing);
    return { done: 'stopped' };
  },
});

const goOn = form({
  path: '/go-on',
  fields,
  says: { resumed: 'Letters about this invoice are written again when they are due.' },
  async send({ reason: why }, { id, actor }, { billing }) {
    await resumeLetters(id, { actor, reason: why }, billing);
    return { done: 'resumed' };
  },
});

const unsubscribe = form({
  path: '/unsubscribe',
  fields,
  says: { unsubscribed: 'This customer gets no more letters about failed payments.' },
  async send({ reason: why }, { id, actor }, deps) {
    await unsubscribeCustomer(await customerOf(id, deps), { actor, reason: why }, deps.billing);
    return { done: 'unsubscribed' };
  },
});

const resubscribe = form({
  path: '/resubscribe',
  fields,
  says: { resubscribed: 'This customer is written to again when a payment fails.' },
  async send({ reason: why }, { id, actor }, deps) {
    await resubscribeCustomer(await customerOf(id, deps), { actor, reason: why }, deps.billing);
    return { done: 'resubscribed' };
  },
});

const TRIED = {
  paid: 'tried_paid',
  processing: 'tried_processing',
  declined: 'tried_declined',
  refused: 'tried_refused',
  left: 'tried_left',
} as const;

const attempt = form({
  path: '/try',
  fields,
  says: {
    tried_paid: 'The invoice is paid.',
    tried_processing: 'The payment is on its way; the bank takes its time.',
    tried_declined: 'The bank has declined. The timeline says why.',
    tried_refused: 'Stripe has refused the try. The timeline says why.',
    tried_left: 'Nothing was tried: things had changed meanwhile. The timeline says how.',
  },
  async send({ reason: why }, { id, actor }, { billing }) {
    const { state } = await tryNow(id, { actor, reason: why }, billing);
    return { done: TRIED[state] };
  },
});

async function customerOf(invoice: string, { billing: { db } }: ConsoleDeps): Promise<string> {
  const trace = await traceRecovery(db, invoice);
  if (!trace) throw new Refused(`There is no case of invoice ${invoice}.`);
  return trace.of.customer;
}

export const recovery = room({
  path: '/recovery/:id',
  id: INVOICE_ID,
  linked: true,
  forms: [stop, goOn, unsubscribe, resubscribe, attempt],
  async read({ id }, { billing: { db, policy, timeZone, clock } }): Promise<Content | undefined> {
    const world = { policy: policy.recovery, timeZone };
    const [trace, letter, audit] = await Promise.all([
      traceRecovery(db, id),
      plannedLetter(db, id, world),
      auditOf(db, id),
    ]);
    return trace && { trace, letter, audit, now: clock() };
  },
  page: ({ trace, letter, audit, now }, { mayChange }) => ({
    title: `Failed payment: invoice ${trace.of.number ?? trace.of.id}`,
    beside: <CaseChip state={trace.of.state} says={howInWords(trace.of.how)} />,
    body: (
      <>
        {mayChange ? <Actions of={trace.of} /> : null}
        <CaseFacts trace={trace} letter={letter} now={now} />
        <Timeline trace={trace} />
        <AuditTrail audit={audit} />
      </>
    ),
  }),
});

function Actions({
  of: { state, is_stopped, is_unsubscribed, customer },
}: {
  readonly of: RecoveryTrace['of'];
}): VNode {
  const isOpen = state === 'open';
  return (
    <div class="actions">
      {state === 'recovered' ? null : (
        <ReasonForm
          summary="Try the card now…"
          form={attempt}
          effect="The open invoice is charged at once, on the card that Stripe would charge or a newer one, if its bank and network allow a try."
          button="Try it"
        />
      )}
      {isOpen && !is_stopped ? (
        <ReasonForm
          summary="Stop letters…"
          form={stop}
          effect="Nothing more is written about this invoice. Tries are not touched."
          button="Stop them"
        />
      ) : null}
      {isOpen && is_stopped ? (
        <ReasonForm
          summary="Write letters again…"
          form={goOn}
          effect="Letters about this invoice are written again when they are due."
          button="Write again"
        />
      ) : null}
      {is_unsubscribed ? (
        <ReasonForm
          summary="Subscribe the customer again…"
          form={resubscribe}
          effect={`Customer ${customer} is written to again when a payment fails.`}
          button="Subscribe again"
        />
      ) : (
        <ReasonForm
          summary="Unsubscribe the customer…"
          form={unsubscribe}
          effect={`Customer ${customer} gets no letters about failed payments, about this one and all later ones.`}
          button="Unsubscribe"
        />
      )}
    </div>
  );
}
