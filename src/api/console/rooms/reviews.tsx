import type { VNode } from 'preact';
import { inWords } from '../../../platform/in-words.ts';
import type { Page } from '../../../platform/pages.ts';
import { listPage } from '../frame/list-page.ts';
import { room } from '../frame/room.ts';
import { oneOf } from '../frame/typed.ts';
import { When } from '../parts/facts.tsx';
import { Pages, Tabs } from '../parts/lists.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import type { ReviewRow } from '../records/records.ts';
import { pageOfReviews } from '../records/review-records.ts';

/** The questions that wait for a person, longest waiting first; or those that were answered, latest first. */
interface Content {
  readonly page: Page<ReviewRow>;
  readonly problem?: string | undefined;
  readonly state: keyof typeof TABS;
}

const TABS = { open: 'Open', closed: 'Closed' } as const;

export const reviews = room({
  path: '/reviews',
  menu: 'Reviews',
  async read({ query }, { billing: { db } }): Promise<Content> {
    const state = oneOf(['open', 'closed'], query('state'));
    return { ...(await listPage({ query }, (asked) => pageOfReviews(db, state, asked))), state };
  },
  page: (content) => ({ title: 'Reviews', problem: content.problem, body: <List {...content} /> }),
});

function List({ page, state }: Content): VNode {
  return (
    <>
      <div class="tools">
        <Tabs
          label="State"
          tabs={TABS}
          current={state}
          href={(value) => `/console/reviews${value === 'open' ? '' : `?state=${value}`}`}
        />
      </div>
      <Table
        caption="Questions for a person"
        columns={
          state === 'open'
            ? ['Since', 'Question', 'About', 'What happened']
            : ['Closed', 'Question', 'About', 'Decision']
        }
        empty={state === 'open' ? 'Nothing waits for a decision.' : 'Nothing was decided yet.'}
        rows={page.rows.map((item) => ({
          key: String(item.id),
          cells: [
            <When key="at" at={item.closed_at ?? item.opened_at} />,
            <a key="link" href={`/console/reviews/${item.id}`}>
              {inWords(item.kind)}
            </a>,
            <SubjectLink key="subject" id={item.subject} />,
            state === 'open'
              ? item.summary
              : `${inWords(item.decision ?? 'settled by itself')}, ${item.closed_by ?? ''}: ${item.reason ?? ''}`,
          ],
        }))}
      />
      <Pages
        page={page}
        oldestFirst={state === 'open'}
        href={(place) => `/console/reviews?${new URLSearchParams({ state, ...place })}`}
      />
    </>
  );
}
