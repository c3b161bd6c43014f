import type { VNode } from 'preact';
import {
  isBelowTarget,
  type LatestCheckouts,
  successPercent,
  TARGET_PERCENT,
} from '../../../billing/checkouts/checkout-figures.ts';
import { percentInWords } from '../../../billing/checkouts/outcome-words.ts';
import type { InvoiceSum } from '../../../billing/own-invoices/invoice-sums.ts';
import { inWords } from '../../../platform/in-words.ts';
import { formatMoney } from '../../../platform/money.ts';
import { room } from '../frame/room.ts';
import { Table } from '../parts/table.tsx';
import { type OverviewFigures, overviewFigures } from '../records/overview-figures.ts';

/** What an operator looks at first: is anything waiting or failing, and how do the invoices stand? */
export const overview = room({
  path: '/',
  menu: 'Overview',
  async read({ today }, { billing: { db, policy }, jobs }) {
    return { figures: await overviewFigures(db, jobs, today, policy.recovery) };
  },
  page: ({ figures }) => ({ title: 'Overview', body: <Figures {...figures} /> }),
});

function Figures(figures: OverviewFigures): VNode {
  const {
    unfinished,
    failing,
    lagSeconds,
    awaitingRelease,
    openReviews,
    messages,
    sums,
    heldQueues,
    dependents,
    settings,
  } = figures;
  const counted = (events: number) => (events === figures.countedAtMost ? `${events}+` : String(events));
  return (
    <>
      {heldQueues.map((sentence) => (
        <p key={sentence} class="flash problem" role="alert">
          {sentence}
        </p>
      ))}
      {dependents.map(({ dependent, count, seconds, error }) => (
        <p key={dependent} class="flash problem" role="alert">
          {inWords(dependent)}: failed for {count} {count === 1 ? 'record' : 'records'}, for {age(seconds)} by now. It
          is tried again by itself. {error}
        </p>
      ))}
      {settings.map((says) => (
        <p key={says} class="flash problem">
          <a href="/console/recovery">Please look in the Dashboard of Stripe.</a> {says}
        </p>
      ))}
      <ul class="cards">
        <Card
          name="Unfinished events"
          value={unfinished}
          shown={counted(unfinished)}
          more={unfinished > 0 ? `oldest: ${age(lagSeconds)}` : 'nothing waits'}
          href="/console/queues"
        />
        <Card
          name="Failing events"
          value={failing}
          shown={counted(failing)}
          more="tried again by themselves"
          href="/console/queues"
          bad
        />
        {awaitingRelease > 0 ? (
          <Card
            name="Waiting for a release"
            value={awaitingRelease}
            shown={counted(awaitingRelease)}
            more="of types that only a newer release knows"
            href="/console/reviews"
            bad
          />
        ) : null}
        <Card name="Open reviews" value={openReviews} more="wait for a person" href="/console/reviews" bad />
        <Card
          name="Messages given up"
          value={messages.dead}
          more={`${messages.pending} on their way`}
          href="/console/messages?state=dead"
          bad
        />
        <CheckoutSuccess latest={figures.checkouts} />
      </ul>
      <h2>Own invoices</h2>
      <Sums sums={sums} />
    </>
  );
}

/** Nothing is said of it where nothing is sold in checkouts. */
function CheckoutSuccess({ latest }: { readonly latest: LatestCheckouts }): VNode | null {
  const percent = successPercent(latest);
  if (percent === null) return null;
  const ended = latest.succeeded + latest.failed;
  return (
    <Card
      name="Checkout success"
      value={isBelowTarget(latest) ? latest.failed : 0}
      shown={percentInWords(percent)}
      more={`of the latest ${ended} in 7 days; ${TARGET_PERCENT} % are wanted`}
      href="/console/checkouts"
      bad
    />
  );
}

interface CardProps {
  readonly name: string;
  readonly value: number;
  /** Where it is not just the number. */
  readonly shown?: string;
  readonly more: string;
  readonly href: string;
  /** Anything but 0 asks for attention. */
  readonly bad?: boolean;
}

function Card({ name, value, shown = String(value), more, href, bad = false }: CardProps): VNode {
  return (
    <li>
      <a href={href} class={bad && value > 0 ? 'bad' : undefined}>
        <span class="name">{name}</span>
        <span class="value">{shown}</span>
        <span class="hint">{more}</span>
      </a>
    </li>
  );
}

const STATES = ['unpaid', 'overdue', 'paid'] as const;
const COLUMNS = { unpaid: 'Unpaid, not due', overdue: 'Overdue', paid: 'Paid' } as const;

function Sums({ sums }: { readonly sums: readonly InvoiceSum[] }): VNode {
  const currencies = [...new Set(sums.map(({ currency }) => currency))].sort();
  return (
    <Table
      caption="Sums of own invoices by currency"
      columns={['Currency', ...STATES.map((state) => COLUMNS[state])]}
      numbers={STATES.map((state) => COLUMNS[state])}
      empty="No invoice is issued yet."
      rows={currencies.map((currency) => ({
        key: currency,
        cells: [
          currency.toUpperCase(),
          ...STATES.map((state) => {
            const sum = sums.find((one) => one.currency === currency && one.state === state);
            return sum ? (
              <a href={`/console/invoices?status=${state === 'unpaid' ? 'issued' : state}`}>
                {formatMoney(sum)} <span class="hint">({sum.count})</span>
              </a>
            ) : (
              '–'
            );
          }),
        ],
      }))}
    />
  );
}

/** `75` → `1 min`; days at the most. */
function age(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
}
