import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { line } from '../../bin/lib/progress.ts';
import { cardPayment, control, executed, KEY, newCustomer, post, SECRET, settingsFor } from './at-stripe.ts';
import { withSignedEvents } from './signed-events.ts';
import { type Spent, spendingOn } from './spending.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable } from './table.ts';
import { load } from './wrk.ts';

/** Queued payments becoming invoices, with 1, 2 and 4 worker processes, at a Stripe that takes 100 ms for each request. */
export type DrainOptions = { payments: number; workers: readonly number[]; latencyMs: number; concurrency: number };

export async function drain(stage: Stage, options: DrainOptions): Promise<string> {
  const rows: string[][] = [];
  for (const workers of options.workers) {
    const { seconds, calls, spent } = await drainOnce(stage, workers, options);
    const rate = options.payments / seconds;
    line(`  ${workers} workers: ${rate.toFixed(0)} invoices/s`);
    const each = (sum: number, digits: number) => (sum / options.payments).toFixed(digits);
    rows.push([
      String(workers),
      rate.toFixed(1),
      seconds.toFixed(1),
      each(calls, 2),
      each(spent.workers * 1000, 1),
      each(spent.stores * 1000, 1),
      each(spent.transactions, 1),
      each(spent.commands, 1),
    ]);
  }
  return [
    `${machine()}; ${options.payments} payments of customers with an account, ${options.latencyMs} ms per request to Stripe, no rate limit, ${options.concurrency} jobs at a time per worker process.`,
    '',
    'Per invoice: requests to Stripe, processor time of workers and of Postgres with Redis, transactions of Postgres (xact_commit), commands of Redis.',
    '',
    markdownTable(
      [
        'worker processes',
        'invoices/s',
        'seconds',
        'Stripe calls',
        'workers ms',
        'stores ms',
        'transactions',
        'commands',
      ],
      rows,
    ),
  ].join('\n');
}

async function drainOnce(
  stage: Stage,
  workers: number,
  options: DrainOptions,
): Promise<{ seconds: number; calls: number; spent: Spent }> {
  const database = await stage.newDatabase();
  const name = `drain-${workers}`;
  const simulator = await stage.start({
    name: `${name}-stripe`,
    file: 'dist/simulator/main.js',
    words: ['--port', '0', '--key', KEY],
  });
  const env = {
    ...settingsFor(stage, database, simulator.url, name),
    WORKER_CONCURRENCY: String(options.concurrency),
    PORT: '0',
  };
  const api = await stage.start({ name: `${name}-api`, file: 'dist/src/api/main.js', env });
  const intents = await makePayments(simulator.url, options.payments);
  await withSignedEvents({ secret: SECRET, count: intents.length, objects: intents }, (requests) =>
    load(api.url, requests, 16),
  );
  await control(simulator.url, 'DELETE', '/_sim/requests');
  const before = await executed(simulator.url);
  await control(simulator.url, 'POST', '/_sim/faults', { kind: 'latency', path: '/v1/*', ms: options.latencyMs });

  const pool = new pg.Client({ connectionString: database });
  await pool.connect();
  const spending = await spendingOn(stage, database);
  const started = performance.now();
  const running = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      stage.start({ name: `${name}-worker-${index}`, file: 'dist/src/workers/main.js', words: ['invoicing'], env }),
    ),
  );
  for (let reported = performance.now(); ; ) {
    const { rows } = await pool.query<{ paid: string }>(
      `SELECT count(*) AS paid FROM payment_invoices WHERE step = 'paid'`,
    );
    const paid = Number(rows[0]?.paid);
    if (paid === options.payments) break;
    if (performance.now() - reported > 5_000) {
      line(`  ${workers} workers: ${paid} of ${options.payments} invoices`);
      reported = performance.now();
    }
    await sleep(100);
  }
  const seconds = (performance.now() - started) / 1000;
  const calls = (await executed(simulator.url)) - before;
  const spent = await spending(running.map(({ pid }) => pid));
  await pool.end();
  await Promise.all([...running, api, simulator].map((each) => each.stop()));
  return { seconds, calls, spent };
}

/** Succeeded payment intents of one customer. */
async function makePayments(simulator: string, count: number): Promise<string[]> {
  const form = cardPayment(await newCustomer(simulator));
  const ids: string[] = [];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (ids.length < count) {
        const slot = ids.push('') - 1;
        ids[slot] = await post(simulator, '/v1/payment_intents', form);
      }
    }),
  );
  return ids;
}
