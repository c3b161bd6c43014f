import type pg from 'pg';
import type { Running } from '../../bin/lib/processes.ts';
import { phase } from '../../bin/lib/progress.ts';
import { allDone, allTaken } from './all-done.ts';
import { control, executed } from './at-stripe.ts';
import { processorSeconds } from './processor-time.ts';
import { onRenewalStage, type RenewalStage } from './renewals-stage.ts';
import { spendingOn } from './spending.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable } from './table.ts';

/**
 * Subscriptions that renew within one hour of Stripe's time, as those of a launch day do every month: the period moves, an hour later
 * the invoice is finalized and paid. Time passes minute by minute, as fast as the service takes what it is told.
 */
export interface RenewalsOptions {
  readonly renewals: number;
  readonly workers: number;
}

const MINUTES = 60;
const MINUTE = 60;
/** How long a renewal is a draft, and a little more. */
const DRAFT_MINUTES = 62;

export async function renewals(stage: Stage, options: RenewalsOptions): Promise<string> {
  const found = await onRenewalStage(stage, options, (set) => measure(stage, set, options));
  const each = (sum: number, digits: number) => (sum / options.renewals).toFixed(digits);
  return [
    `${machine()}; ${options.renewals} renewals in an hour of Stripe's time, ${options.workers} worker processes, a policy with plans.`,
    '',
    'Per renewal: events, requests to Stripe, processor time of api, workers, and Postgres with Redis, transactions of Postgres.',
    '',
    markdownTable(
      [
        'renewals',
        'seconds',
        'renewals/s',
        'events',
        'Stripe calls',
        'api ms',
        'workers ms',
        'stores ms',
        'transactions',
      ],
      [
        [
          String(options.renewals),
          found.seconds.toFixed(1),
          (options.renewals / found.seconds).toFixed(1),
          each(found.events, 2),
          each(found.calls, 2),
          each(found.api * 1_000, 1),
          each(found.workers * 1_000, 1),
          each(found.stores * 1_000, 1),
          each(found.transactions, 1),
        ],
      ],
    ),
  ].join('\n');
}

interface Found {
  readonly seconds: number;
  readonly events: number;
  readonly calls: number;
  /** Processor time in seconds. */
  readonly api: number;
  readonly workers: number;
  readonly stores: number;
  readonly transactions: number;
}

async function measure(stage: Stage, set: RenewalStage, { renewals: count }: RenewalsOptions): Promise<Found> {
  const { simulator, database, api, workers, client, untilFirst } = set;
  await control(simulator, 'POST', '/_sim/clock/advance', { seconds: untilFirst });
  await control(simulator, 'DELETE', '/_sim/requests');
  const [calls, stored] = [await executed(simulator), await storedEvents(client)];
  const spending = await spendingOn(stage, database);
  const pids = (running: readonly Running[]) => running.map(({ pid }) => pid);
  const before = { api: processorSeconds([api.pid]), workers: processorSeconds(pids(workers)) };
  const began = performance.now();
  await phase('Renewals', async () => {
    for (let minute = 0; minute < MINUTES + DRAFT_MINUTES; minute += 1) {
      await control(simulator, 'POST', '/_sim/clock/advance', { seconds: MINUTE });
      await allTaken(simulator);
    }
    await allDone(simulator, client);
  });
  const seconds = (performance.now() - began) / 1_000;
  const spent = await spending(pids(workers));
  const { rows } = await client.query<{ paid: number }>(
    `SELECT count(*)::int AS paid FROM subscription_invoices WHERE billing_reason = 'subscription_cycle' AND status = 'paid'`,
  );
  if (rows[0]?.paid !== count) throw new Error(`${rows[0]?.paid} of ${count} renewals are known to be paid`);
  return {
    seconds,
    events: (await storedEvents(client)) - stored,
    calls: (await executed(simulator)) - calls,
    api: processorSeconds([api.pid]) - before.api,
    workers: spent.workers - before.workers,
    stores: spent.stores,
    transactions: spent.transactions,
  };
}

async function storedEvents(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>('SELECT count(*)::int AS n FROM stripe_events');
  return rows[0]?.n ?? 0;
}
