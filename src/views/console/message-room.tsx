import type { VNode } from 'preact';
import type { MessageTry } from '../../messages/message-history.ts';
import { inWords } from '../../platform/in-words.ts';
import { AuditTrail } from './audit-trail.tsx';
import { ConsolePage, mayChange, type Visit } from './console-page.tsx';
import { MessageChip } from './messages.tsx';
import { Fact, ReasonForm, Table, When } from './parts.tsx';
import type { AuditRow, OutboxRow } from './records.ts';
import { SubjectLink } from './subject-link.tsx';

/** One message: what it says, each try to send it, and sending it once more. */
export interface MessageRoomProps {
  readonly visit: Visit;
  readonly message: OutboxRow;
  /** Oldest first. */
  readonly tries: readonly MessageTry[];
  readonly audit: readonly AuditRow[];
}

export function MessageRoom({ visit, message, tries, audit }: MessageRoomProps): VNode {
  const { channel, kind, state, data } = message;
  const invoice = typeof data.invoice === 'string' ? data.invoice : undefined;
  return (
    <ConsolePage
      visit={visit}
      room="messages"
      title={channel === 'mail' ? `Mail: ${inWords(kind)}` : `Webhook: ${kind}`}
      beside={<MessageChip state={state} />}
    >
      {mayChange(visit) && mayGoAgain(message) ? (
        <div class="actions">
          <ReasonForm
            summary="Send again…"
            action={`/console/messages/${message.id}/replay`}
            effect="It goes out once more, with the same id, so that a receiver who has it already can tell."
            button="Send it again"
          />
        </div>
      ) : null}
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
    </ConsolePage>
  );
}

/** A mail that was sent does not go out twice; a program that missed a webhook may need it again. */
export function mayGoAgain({ channel, state }: Pick<OutboxRow, 'channel' | 'state'>): boolean {
  return state === 'dead' || state === 'skipped' || (state === 'sent' && channel === 'webhook');
}
