import type { VNode } from 'preact';
import { inWords } from '../../platform/in-words.ts';
import type { Page } from '../../platform/pages.ts';
import { ConsolePage, type Visit } from './console-page.tsx';
import { Pages, Table, Tabs, When } from './parts.tsx';
import type { ReviewRow } from './records.ts';
import { SubjectLink } from './subject-link.tsx';

/** The questions that wait for a person, longest waiting first; or those that were answered, latest first. */
export interface ReviewListProps {
  readonly visit: Visit;
  readonly page: Page<ReviewRow>;
  /** A key of `REVIEW_TABS`. */
  readonly state: string;
}

const REVIEW_TABS = { open: 'Open', closed: 'Closed' } as const;

export function ReviewList({ visit, page, state }: ReviewListProps): VNode {
  return (
    <ConsolePage visit={visit} room="reviews" title="Reviews">
      <div class="tools">
        <Tabs
          label="State"
          tabs={REVIEW_TABS}
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
    </ConsolePage>
  );
}
