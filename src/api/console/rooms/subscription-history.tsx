import type { VNode } from 'preact';
import type { SubscriptionTrace } from '../../../billing/subscription-trace.ts';
import { inWords } from '../../../platform/in-words.ts';
import { When } from '../parts/facts.tsx';
import { Table } from '../parts/table.tsx';
import { Until } from '../parts/until.tsx';
import { Reference } from './reference.tsx';

/** What came of a subscription: what it gives, what was asked about it, and what Stripe told of it. */
interface Told {
  readonly trace: SubscriptionTrace;
}

export function Given({ trace: { grants } }: Told): VNode {
  return (
    <section>
      <h2>Access</h2>
      <Table
        caption="What it gives and gave, what holds first"
        columns={['Feature', 'How much', 'To', 'Until', 'Ended']}
        empty="It gives nothing, and never did."
        rows={grants.map((grant) => ({
          key: grant.feature,
          cells: [
            grant.feature,
            grant.value ?? 'yes',
            <Reference key="to" reference={grant.reference} />,
            <Until key="until" until={grant.until} grace={grant.grace_until} bridged={grant.bridged_until} />,
            grant.ended_at ? (
              <span key="ended">
                <When at={grant.ended_at} />: {grant.ended_because}
              </span>
            ) : (
              '–'
            ),
          ],
        }))}
      />
    </section>
  );
}

export function Questions({ trace: { questions } }: Told): VNode | null {
  if (questions.length === 0) return null;
  return (
    <section>
      <h2>Questions</h2>
      <Table
        caption="Questions for a person"
        columns={['Question', 'State', 'What happened']}
        empty=""
        rows={questions.map((question) => ({
          key: String(question.id),
          cells: [
            <a key="link" href={`/console/reviews/${question.id}`}>
              {inWords(question.kind)}
            </a>,
            question.state,
            question.summary,
          ],
        }))}
      />
    </section>
  );
}

export function Events({ trace: { events } }: Told): VNode {
  return (
    <section>
      <h2>Events</h2>
      <Table
        caption="Events, in the order of their arrival"
        columns={['Received', 'Event', 'Outcome', 'Attempts', 'Reason']}
        numbers={['Attempts']}
        empty="None."
        rows={events.map((event) => ({
          key: event.id,
          cells: [
            <When key="at" at={event.received_at} />,
            <a key="link" href={`/console/events/${event.id}`}>
              {event.type}
            </a>,
            event.outcome ?? 'not done yet',
            event.attempts,
            event.reason ?? event.last_error ?? '–',
          ],
        }))}
      />
    </section>
  );
}
