import type { VNode } from 'preact';
import type { Waiting } from '../../billing/agreement/marks.ts';
import type { InvoiceSum } from '../../billing/own-invoices/invoice-sums.ts';
import { inWords } from '../../platform/in-words.ts';
import { formatMoney } from '../../platform/money.ts';
import { ConsolePage, type Visit } from './console-page.tsx';
import { Table } from './parts.tsx';

/** What an operator looks at first: is anything waiting or failing, and how do the invoices stand? */
export interface OverviewFigures {
  /** Where counting events ends: then there are that many or more. */
  readonly countedAtMost: number;
  /** Events without an outcome. */
  readonly unfinished: number;
  /** Those among them whose last attempt failed. */
  readonly failing: number;
  /** Age of the oldest of them in seconds. */
  readonly lagSeconds: number;
  /** Events left to a newer release. */
  readonly awaitingRelease: number;
  readonly openReviews: number;
  readonly messages: { readonly pending: number; readonly dead: number };
  readonly sums: readonly InvoiceSum[];
  /** A sentence for each queue that somebody has paused or throttled. */
  readonly heldQueues: readonly string[];
  /** What is derived from records, failed, and is tried again. */
  readonly dependents: readonly Waiting[];
}

export function Overview({ visit, figures }: { readonly visit: Visit; readonly figures: OverviewFigures }): VNode {
  const { unfinished, failing, lagSeconds, awaitingRelease, openReviews, messages, sums, heldQueues, dependents } =
    figures;
  const counted = (events: number) => (events === figures.countedAtMost ? `${events}+` : String(events));
  return (
    <ConsolePage visit={visit} room="overview" title="Overview">
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
      </ul>
      <h2>Own invoices</h2>
      <Sums sums={sums} />
    </ConsolePage>
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
