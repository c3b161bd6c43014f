import type { VNode } from 'preact';
import { attemptsOfEvent, type TracedAttempt, type TracedEvent, traceEvent } from '../../../billing/payment-trace.ts';
import { inWords } from '../../../platform/in-words.ts';
import { room } from '../frame/room.ts';
import { Fact, When } from '../parts/facts.tsx';
import { PaymentLink, SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';

/** One event and each attempt at it. Its payload stays out of the page: it holds personal data. */
interface Content {
  readonly event: TracedEvent;
  /** Oldest first. */
  readonly attempts: readonly TracedAttempt[];
}

export const event = room({
  path: '/events/:id',
  id: /^evt_\w+$/,
  linked: true,
  async read({ id }, { billing: { db } }): Promise<Content | undefined> {
    const traced = await traceEvent(db, id);
    return traced && { event: traced, attempts: await attemptsOfEvent(db, traced.id) };
  },
  page: (content) => ({ title: 'Event', body: <Story {...content} /> }),
});

function Story({ event, attempts }: Content): VNode {
  return (
    <>
      <dl class="record">
        <Fact name="Event">
          <code>{event.id}</code>
        </Fact>
        <Fact name="Type">{event.type}</Fact>
        <Fact name="Received">
          <When at={event.received_at} />
        </Fact>
        <Fact name="Payment">
          <PaymentLink id={event.payment_intent} />
        </Fact>
        <Fact name="Subscription">{event.subscription ? <SubjectLink id={event.subscription} /> : null}</Fact>
        <Fact name="Outcome">{event.outcome ?? 'not done yet'}</Fact>
        <Fact name="Reason">{event.reason}</Fact>
        <Fact name="Last error">{event.last_error}</Fact>
      </dl>
      <section>
        <h2>Attempts</h2>
        <Table
          caption="Each attempt at this event, oldest first"
          columns={['Started', 'Worker', 'End', 'Milliseconds', 'Stripe calls', 'Note']}
          numbers={['Milliseconds', 'Stripe calls']}
          empty="No worker has taken it up yet."
          rows={attempts.map((attempt) => ({
            key: `${attempt.started_at.toISOString()} ${attempt.worker}`,
            cells: [
              <When key="at" at={attempt.started_at} />,
              attempt.worker,
              inWords(attempt.ended ?? 'not ended'),
              attempt.duration_ms ?? '–',
              attempt.stripe_calls ?? '–',
              attempt.note ?? '–',
            ],
          }))}
        />
      </section>
    </>
  );
}
