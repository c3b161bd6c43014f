import type { VNode } from 'preact';
import { inWords } from '../../../platform/in-words.ts';
import type { Page } from '../../../platform/pages.ts';
import { listPage } from '../frame/list-page.ts';
import { room } from '../frame/room.ts';
import { oneOf } from '../frame/typed.ts';
import { When } from '../parts/facts.tsx';
import { Pages, Tabs } from '../parts/lists.tsx';
import { MessageChip } from '../parts/message-chip.tsx';
import { Table } from '../parts/table.tsx';
import { pageOfMessages } from '../records/message-records.ts';
import type { OutboxRow } from '../records/records.ts';

/** The outbox: mails and outgoing webhooks, newest first. */
interface Content {
  readonly page: Page<OutboxRow>;
  readonly problem?: string | undefined;
  readonly state: keyof typeof TABS;
}

const TABS = {
  all: 'All',
  pending: 'On their way',
  sent: 'Sent',
  dead: 'Given up',
  skipped: 'Skipped',
} as const;

export const messages = room({
  path: '/messages',
  menu: 'Messages',
  async read({ query }, { billing: { db } }): Promise<Content> {
    const state = oneOf(['all', 'pending', 'sent', 'dead', 'skipped'], query('state'));
    const only = state === 'all' ? undefined : state;
    return { ...(await listPage({ query }, (asked) => pageOfMessages(db, only, asked))), state };
  },
  page: (content) => ({ title: 'Messages', problem: content.problem, body: <List {...content} /> }),
});

function List({ page, state }: Content): VNode {
  const href = (values: { state: string; after?: string; before?: string }) =>
    `/console/messages?${new URLSearchParams(values)}`;
  return (
    <>
      <div class="tools">
        <Tabs label="State" tabs={TABS} current={state} href={(value) => href({ state: value })} />
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
    </>
  );
}
