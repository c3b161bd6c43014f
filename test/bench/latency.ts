import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { line } from '../../bin/lib/progress.ts';
import { cardPayment, control, KEY, newCustomer, post, SECRET, settingsFor } from './at-stripe.ts';
import { processorSeconds } from './processor-time.ts';
import { spendingOn } from './spending.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable, median } from './table.ts';

/**
 * From the first webhook of a payment to its paid invoice, at a steady rate and with all the events that Stripe sends of a
 * payment, its own of our invoice among them.
 */
export interface LatencyOptions {
  /** Payments a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly workers: number;
  readonly rounds: number;
  /** Of a request to Stripe; a table has a row for each. */
  readonly latenciesMs: readonly number[];
}

interface Round {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** Requests to Stripe of the attempt that made the invoice that wait for the one before. */
  readonly inARow: number;
  /** Milliseconds of processor time per payment. */
  readonly api: number;
  readonly worker: number;
  readonly stores: number;
  readonly transactions: number;
  readonly commands: number;
  readonly events: number;
}

export async function latency(stage: Stage, options: LatencyOptions): Promise<string> {
  const rows: string[][] = [];
  for (const latencyMs of options.latenciesMs) {
    const rounds: Round[] = [];
    for (let round = 1; round <= options.rounds; round += 1) {
      const measured = await oneRound(stage, latencyMs, options);
      line(`  ${latencyMs} ms, round ${round}: p50 ${measured.p50.toFixed(0)} ms`);
      rounds.push(measured);
    }
    const middle = (of: (round: Round) => number, digits: number) => median(rounds.map(of)).toFixed(digits);
    rows.push([
      String(latencyMs),
      middle(({ inARow }) => inARow, 2),
      middle(({ inARow }) => inARow * latencyMs, 0),
      middle(({ p50 }) => p50, 0),
      middle(({ p50, inARow }) => p50 / (inARow * latencyMs), 2),
      middle(({ p95 }) => p95, 0),
      middle(({ p99 }) => p99, 0),
      middle(({ events }) => events, 1),
      middle(({ api }) => api, 1),
      middle(({ worker }) => worker, 1),
      middle(({ stores }) => stores, 1),
      middle(({ transactions }) => transactions, 1),
      middle(({ commands }) => commands, 1),
    ]);
  }
  const { rate, seconds, workers, rounds } = options;
  return [
    `${machine()}; ${rate} payments a second for ${seconds} s, ${workers} worker processes, medians of ${rounds} rounds.`,
    '',
    'The floor is the sum of the requests to Stripe that wait for one another. Per payment with all its events: processor time of api, workers, and Postgres with Redis; transactions (receiver, relay and sweeper among them); commands of Redis.',
    '',
    markdownTable(
      [
        'ms per request',
        'in a row',
        'floor ms',
        'p50 ms',
        'p50 / floor',
        'p95 ms',
        'p99 ms',
        'events',
        'api ms',
        'workers ms',
        'stores ms',
        'transactions',
        'commands',
      ],
      rows,
    ),
  ].join('\n');
}

/** What a payment is decided by (src/stripe/payment.ts) is asked for at once. */
const READ_SIDE_BY_SIDE = 3;
let made = 0;

async function oneRound(stage: Stage, latencyMs: number, { rate, seconds, workers }: LatencyOptions): Promise<Round> {
  const database = await stage.newDatabase();
  made += 1;
  const name = `latency-${made}`;
  const port = await freePort();
  const simulator = await stage.start({
    name: `${name}-stripe`,
    file: 'dist/simulator/main.js',
    words: [
      '--port',
      '0',
      '--key',
      KEY,
      '--webhook-url',
      `http://127.0.0.1:${port}/webhooks/stripe`,
      '--webhook-secret',
      SECRET,
    ],
  });
  const env = { ...settingsFor(stage, database, simulator.url, name), PORT: String(port) };
  const api = await stage.start({ name: `${name}-api`, file: 'dist/src/api/main.js', env });
  const running = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      stage.start({ name: `${name}-worker-${index}`, file: 'dist/src/workers/main.js', env }),
    ),
  );
  const form = cardPayment(await newCustomer(simulator.url));
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  // Both are warm before anything counts.
  await payAtRate(simulator.url, form, { rate, count: 2 * rate });
  await allPaid(client, 2 * rate);
  await control(simulator.url, 'POST', '/_sim/faults', { kind: 'latency', path: '/v1/*', ms: latencyMs });

  const count = rate * seconds;
  const spending = await spendingOn(stage, database);
  const before = { api: processorSeconds([api.pid]), workers: processorSeconds(running.map(({ pid }) => pid)) };
  const { rows: moments } = await client.query<{ now: string }>('SELECT now()::text');
  const since = moments[0]?.now;
  await payAtRate(simulator.url, form, { rate, count });
  await allPaid(client, 2 * rate + count);
  const spent = await spending(running.map(({ pid }) => pid));
  const apiSeconds = processorSeconds([api.pid]) - before.api;
  const { rows } = await client.query<{ ms: number; calls: number }>(
    `SELECT extract(epoch FROM i.paid_at - min(s.received_at))::float8 * 1000 AS ms, max(a.stripe_calls) AS calls
     FROM payment_invoices i
     JOIN stripe_events s USING (payment_intent)
     JOIN event_attempts a ON a.event_id = s.id AND a.ended = 'processed'
     GROUP BY i.id HAVING min(s.received_at) > $1`,
    [since],
  );
  const { rows: stored } = await client.query<{ count: string }>(
    'SELECT count(*) AS count FROM stripe_events WHERE received_at > $1',
    [since],
  );
  await client.end();
  await Promise.all([...running, api, simulator].map((each) => each.stop()));
  const times = rows.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
  return {
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    inARow: rows.reduce((sum, { calls }) => sum + calls, 0) / rows.length - READ_SIDE_BY_SIDE + 1,
    api: (apiSeconds * 1000) / count,
    worker: ((spent.workers - before.workers) * 1000) / count,
    stores: (spent.stores * 1000) / count,
    transactions: spent.transactions / count,
    commands: spent.commands / count,
    events: Number(stored[0]?.count) / count,
  };
}

/** Begun one after the other in equal distances, whether those before are done or not. */
async function payAtRate(
  simulator: string,
  form: string,
  { rate, count }: { readonly rate: number; readonly count: number },
): Promise<void> {
  const began = performance.now();
  const paying: Promise<string>[] = [];
  for (let number = 0; number < count; number += 1) {
    await sleep(Math.max(0, began + (number * 1000) / rate - performance.now()));
    paying.push(post(simulator, '/v1/payment_intents', form));
  }
  await Promise.all(paying);
}

const PATIENCE_MS = 120_000;

/** And every event has its outcome. */
async function allPaid(client: pg.Client, count: number): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await sleep(200)) {
    const { rows } = await client.query<{ paid: number; waiting: number }>(
      `SELECT (SELECT count(*) FROM payment_invoices WHERE step = 'paid')::int AS paid,
              (SELECT count(*) FROM stripe_events WHERE outcome IS NULL)::int AS waiting`,
    );
    if (rows[0]?.paid === count && rows[0].waiting === 0) return;
  }
  throw new Error(`${count} payments did not get their invoices within ${PATIENCE_MS / 1000} s`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('Bug: a server without a port');
  return address.port;
}
