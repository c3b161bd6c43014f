import type { VNode } from 'preact';
import type { TracedEvent, TracedQuestion } from '../../../billing/payment-trace.ts';
import { inWords } from '../../../platform/in-words.ts';
import { When } from './facts.tsx';
import { Table } from './table.tsx';

/** What belongs to the story of anything that Stripe tells of: the questions it has led to, and its events. */
export function TracedQuestions({ questions }: { readonly questions: readonly TracedQuestion[] }): VNode {
  return (
    <section>
      <h2>Questions</h2>
      <Table
        caption="Questions for a person"
        columns={['Question', 'State', 'What happened']}
        empty="None."
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

export function TracedEvents({ events }: { readonly events: readonly TracedEvent[] }): VNode {
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
