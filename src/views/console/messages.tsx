import type { VNode } from 'preact';
import { inWords } from '../../platform/in-words.ts';
import type { Page } from '../../platform/pages.ts';
import { ConsolePage, type Visit } from './console-page.tsx';
import { Pages, Table, Tabs, When } from './parts.tsx';
import type { OutboxRow } from './records.ts';

/** The outbox: mails and outgoing webhooks, newest first. */
export interface MessageListProps {
  readonly visit: Visit;
  readonly page: Page<OutboxRow>;
  /** A key of `MESSAGE_TABS`. */
  readonly state: string;
}

const MESSAGE_TABS = {
  all: 'All',
  pending: 'On their way',
  sent: 'Sent',
  dead: 'Given up',
  skipped: 'Skipped',
} as const;

const TONES = { pending: 'busy', sent: 'good', dead: 'bad', skipped: 'quiet' } as const;

export function MessageList({ visit, page, state }: MessageListProps): VNode {
  const href = (values: { state: string; after?: string; before?: string }) =>
    `/console/messages?${new URLSearchParams(values)}`;
  return (
    <ConsolePage visit={visit} room="messages" title="Messages">
      <div class="tools">
        <Tabs label="State" tabs={MESSAGE_TABS} current={state} href={(value) => href({ state: value })} />
      </div>
      <Table
        caption="Mails and outgoing webhooks, newest first"
        columns={['Created', 'What', 'To', 'State', 'Tries', 'Last answer']}
        numbers={['Tries']}
        empty="There are no such messages."
        rows={page.rows.map((message) => ({
          key: message.id,
          cells: [
            <When key="at" at={message.created_at} />,
            <a key="link" href={`/console/messages/${message.id}`}>
              {message.channel === 'mail' ? `mail: ${inWords(message.kind)}` : `webhook: ${message.kind}`}
            </a>,
            <span key="to" class="text">
              {message.to}
            </span>,
            <MessageChip key="state" state={message.state} />,
            message.attempts,
            message.last_error ?? '–',
          ],
        }))}
      />
      <Pages page={page} href={(place) => href({ state, ...place })} />
    </ConsolePage>
  );
}

export function MessageChip({ state }: Pick<OutboxRow, 'state'>): VNode {
  return <span class={`chip ${TONES[state]}`}>{STATES[state]}</span>;
}

const STATES = { pending: 'on its way', sent: 'sent', dead: 'given up', skipped: 'skipped' } as const;
