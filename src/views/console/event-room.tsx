import type { VNode } from 'preact';
import type { TracedAttempt, TracedEvent } from '../../billing/payment-trace.ts';
import { inWords } from '../../platform/in-words.ts';
import { ConsolePage, type Visit } from './console-page.tsx';
import { Fact, Table, When } from './parts.tsx';
import { PaymentLink } from './subject-link.tsx';

export interface EventRoomProps {
  readonly visit: Visit;
  readonly event: TracedEvent;
  readonly attempts: readonly TracedAttempt[];
}

/** One event and each attempt at it. Its payload stays out of the page: it holds personal data. */
export function EventRoom({ visit, event, attempts }: EventRoomProps): VNode {
  return (
    <ConsolePage visit={visit} title="Event">
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
    </ConsolePage>
  );
}
