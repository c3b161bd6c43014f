import type { VNode } from 'preact';
import { z } from 'zod';
import { replayMessage } from '../../../billing/outgoing/replay-message.ts';
import { type MessageTry, mayGoAgain, triesOf } from '../../../messages/message-history.ts';
import { inWords } from '../../../platform/in-words.ts';
import { form } from '../frame/form.ts';
import { room } from '../frame/room.ts';
import { reason } from '../frame/typed.ts';
import { AuditTrail } from '../parts/audit-trail.tsx';
import { Fact, When } from '../parts/facts.tsx';
import { MessageChip } from '../parts/message-chip.tsx';
import { ReasonForm } from '../parts/reason-form.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import { findMessage, MESSAGE_ID } from '../records/message-records.ts';
import type { AuditRow, OutboxRow } from '../records/records.ts';
import { auditOf } from '../records/review-records.ts';

/** One message: what it says, each try to send it, and sending it once more. */
interface Content {
  readonly message: OutboxRow;
  /** Oldest first. */
  readonly tries: readonly MessageTry[];
  readonly audit: readonly AuditRow[];
}

const replay = form({
  path: '/replay',
  fields: z.object({ reason }),
  says: { replayed: 'The message goes out once more.' },
  async send({ reason }, { id, actor }, { billing: { db } }) {
    await replayMessage(db, id, actor, reason);
    return { done: 'replayed' };
  },
});

export const message = room({
  path: '/messages/:id',
  id: MESSAGE_ID,
  linked: true,
  forms: [replay],
  async read({ id }, { billing: { db } }): Promise<Content | undefined> {
    const found = await findMessage(db, id);
    if (!found) return undefined;
    const [tries, audit] = await Promise.all([triesOf(db, id), auditOf(db, id)]);
    return { message: found, tries, audit };
  },
  page: (content, { mayChange }) => ({
    title:
      content.message.channel === 'mail'
        ? `Mail: ${inWords(content.message.kind)}`
        : `Webhook: ${content.message.kind}`,
    beside: <MessageChip state={content.message.state} />,
    body: (
      <>
        {mayChange && mayGoAgain(content.message) ? <Replay /> : null}
        <Told {...content} />
      </>
    ),
  }),
});

function Replay(): VNode {
  return (
    <div class="actions">
      <ReasonForm
        summary="Send again…"
        form={replay}
        effect="It goes out once more, with the same id, so that a receiver who has it already can tell."
        button="Send it again"
      />
    </div>
  );
}

function Told({ message: { channel, state, data, ...message }, tries, audit }: Content): VNode {
  const invoice = typeof data.invoice === 'string' ? data.invoice : undefined;
  return (
    <>
      <dl class="record">
        <Fact name="To">
          <span class="text">{message.to}</span>
        </Fact>
        <Fact name="Created">
          <When at={message.created_at} />
        </Fact>
        <Fact name="Sent">{message.sent_at ? <When at={message.sent_at} /> : null}</Fact>
        <Fact name="Next try">{state === 'pending' ? <When at={message.next_attempt_at} /> : null}</Fact>
        <Fact name="Tries">{String(message.attempts)}</Fact>
        <Fact name="Invoice">{invoice ? <SubjectLink id={invoice} /> : null}</Fact>
        <Fact name="Id">
          <code>{message.id}</code>
        </Fact>
      </dl>
      <section>
        <h2>Tries</h2>
        <Table
          caption="Each try to send it, oldest first"
          columns={['Time', 'End', 'Milliseconds', 'Answer']}
          numbers={['Milliseconds']}
          empty="It was not tried yet."
          rows={tries.map((attempt) => ({
            key: attempt.at.toISOString(),
            cells: [
              <When key="at" at={attempt.at} />,
              attempt.ok ? 'sent' : 'failed',
              attempt.duration_ms ?? '–',
              attempt.answer,
            ],
          }))}
        />
      </section>
      {channel === 'webhook' ? (
        <section>
          <h2>Body</h2>
          <pre>{JSON.stringify(data, null, 2)}</pre>
        </section>
      ) : null}
      <AuditTrail audit={audit} />
    </>
  );
}
