import type { VNode } from 'preact';
import {
  type CheckoutFailures,
  type CheckoutMonth,
  checkoutFailures,
  checkoutMonths,
  conversionPercent,
  type ListedSession,
  OUTCOMES,
  pageOfSessions,
  successPercent,
} from '../../../billing/checkouts/checkout-figures.ts';
import { DEFINITION, OUTCOME_WORDS, percentInWords, reasonInWords } from '../../../billing/checkouts/outcome-words.ts';
import { walkAge } from '../../../billing/checkouts/walk.ts';
import type { Page } from '../../../platform/pages.ts';
import { listPage } from '../frame/list-page.ts';
import { room } from '../frame/room.ts';
import { oneOf } from '../frame/typed.ts';
import { When } from '../parts/facts.tsx';
import { Pages, Tabs } from '../parts/lists.tsx';
import { SubjectLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';

/** How many checkouts come to their end, why the others do not, and which they are. */
interface Content {
  readonly months: readonly CheckoutMonth[];
  /** Of the newest of these months. */
  readonly failures: readonly CheckoutFailures[];
  readonly page: Page<ListedSession>;
  readonly outcome: keyof typeof TABS;
  /** Seconds. */
  readonly listedAgo: number;
  readonly problem?: string | undefined;
}

const MONTHS = 12;
/** An hour, and as much again for a long list. */
const LATE_SECONDS = 3 * 3_600;

const TABS = {
  failed: 'Failed',
  pending: 'On their way',
  open: 'Open',
  succeeded: 'Succeeded',
  abandoned: 'Not tried',
  left_out: 'Left out',
} as const satisfies Record<(typeof OUTCOMES)[number], string>;

export const checkouts = room({
  path: '/checkouts',
  menu: 'Checkouts',
  async read({ query }, { billing: { db } }): Promise<Content> {
    const outcome = oneOf(OUTCOMES, query('outcome'));
    const [months, list, listedAgo] = await Promise.all([
      checkoutMonths(db, MONTHS),
      listPage({ query }, (asked) => pageOfSessions(db, outcome, asked)),
      walkAge(db),
    ]);
    const newest = months.slice(0, 1).map(({ month }) => month);
    return { months, failures: await checkoutFailures(db, newest), ...list, outcome, listedAgo };
  },
  page: (content) => ({ title: 'Checkouts', problem: content.problem, body: <Body {...content} /> }),
});

function Body({ months, failures, page, outcome, listedAgo }: Content): VNode {
  const href = (values: { outcome?: string; after?: string; before?: string }) =>
    `/console/checkouts?${new URLSearchParams({ outcome, ...values })}`;
  const [newest] = months;
  return (
    <>
      {listedAgo > LATE_SECONDS ? (
        <p class="flash problem" role="alert">
          Stripe’s list of checkouts was last read {Math.floor(listedAgo / 3_600)} hours ago: what was opened or has
          ended since may be missing. Look at the log of the worker with the queue maintenance.
        </p>
      ) : null}
      <Months months={months} />
      <p class="hint">{DEFINITION} Months are those in which they were opened (UTC).</p>
      {newest ? <Failures month={newest.month} failures={failures} /> : null}
      <h2>Checkouts</h2>
      <Tabs label="Outcome" tabs={TABS} current={outcome} href={(value) => href({ outcome: value })} />
      <Sessions sessions={page.rows} />
      <Pages page={page} href={href} />
    </>
  );
}

const FIGURES = [
  'Success',
  'Succeeded',
  'Failed',
  'Conversion',
  'Opened',
  'Complete',
  'Open or on their way',
  'Left out',
];

function Months({ months }: Pick<Content, 'months'>): VNode {
  return (
    <Table
      caption="Success and conversion by month"
      columns={['Month', ...FIGURES]}
      numbers={FIGURES}
      empty="No checkout was opened so far."
      rows={months.map((each) => ({
        key: each.month,
        cells: [
          each.month,
          percentInWords(successPercent(each)),
          each.succeeded,
          each.failed,
          percentInWords(conversionPercent(each)),
          each.opened,
          each.completed,
          each.pending,
          each.left_out,
        ],
      }))}
    />
  );
}

function Failures({ month, failures }: { readonly month: string } & Pick<Content, 'failures'>): VNode {
  return (
    <>
      <h2>Why they failed in {month}</h2>
      <Table
        caption={`Failures of ${month} by reason`}
        columns={['Reason', 'Failed']}
        numbers={['Failed']}
        empty="None has failed."
        rows={failures.map(({ reason, failure_code, failed }) => ({
          key: `${reason} ${failure_code}`,
          cells: [reasonInWords(reason, failure_code), failed],
        }))}
      />
    </>
  );
}

function Sessions({ sessions }: { readonly sessions: readonly ListedSession[] }): VNode {
  return (
    <Table
      caption="Checkouts, newest first"
      columns={['Opened', 'Session', 'Outcome', 'Of']}
      empty="There are no such checkouts."
      rows={sessions.map(({ id, created, outcome, reason, failure_code, payment_intent, subscription }) => ({
        key: id,
        cells: [
          <When key="opened" at={created} />,
          <code key="id" class="text">
            {id}
          </code>,
          reason === null ? OUTCOME_WORDS[outcome] : reasonInWords(reason, failure_code),
          (payment_intent ?? subscription) ? <SubjectLink key="of" id={payment_intent ?? subscription ?? ''} /> : '–',
        ],
      }))}
    />
  );
}
