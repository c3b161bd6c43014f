import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { line } from '../../bin/lib/progress.ts';
import { processorSeconds, withChildren } from './processor-time.ts';
import { withSignedEvents } from './signed-events.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable } from './table.ts';
import { load } from './wrk.ts';

/** Queued payments becoming invoices, with 1, 2 and 4 worker processes, at a Stripe that takes 100 ms for each request. */
export type DrainOptions = { payments: number; workers: readonly number[]; latencyMs: number; concurrency: number };

const KEY = 'sk_test_benchmark';
const SECRET = 'whsec_benchmark';

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
    DATABASE_URL: database,
    REDIS_URL: stage.redisUrl,
    QUEUE_PREFIX: name,
    STRIPE_SECRET_KEY: KEY,
    STRIPE_API_BASE: simulator.url,
    STRIPE_WEBHOOK_SECRETS: SECRET,
    STRIPE_RATE_LIMIT: '0',
    STRIPE_ENDPOINT_RATE_LIMIT: '0',
    WORKER_CONCURRENCY: String(options.concurrency),
    LOG_LEVEL: 'warn',
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

/** Of all payments together; processor time in seconds. */
interface Spent {
  readonly workers: number;
  readonly stores: number;
  readonly transactions: number;
  readonly commands: number;
}

/** Counts from now on. @returns asks what was spent; the few statements of the benchmark itself are among it */
async function spendingOn(stage: Stage, database: string): Promise<(workers: number[]) => Promise<Spent>> {
  const redis = new Redis(stage.redisUrl);
  const look = async (workers: number[]): Promise<Spent> => ({
    workers: processorSeconds(workers),
    stores: processorSeconds([...withChildren(stage.postgresPid), stage.redisPid]),
    transactions: await transactionsOf(database),
    commands: Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1]),
  });
  const before = await look([]);
  return async (workers) => {
    // Sessions tell their numbers a second later.
    await sleep(2_000);
    const after = await look(workers);
    redis.disconnect();
    return {
      workers: after.workers,
      stores: after.stores - before.stores,
      transactions: after.transactions - before.transactions,
      commands: after.commands - before.commands,
    };
  };
}

async function transactionsOf(database: string): Promise<number> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query<{ count: string }>(
    'SELECT xact_commit AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  await client.end();
  return Number(rows[0]?.count);
}

/** Succeeded payment intents of one customer. */
async function makePayments(simulator: string, count: number): Promise<string[]> {
  const customer = await post(simulator, '/v1/customers', 'name=Benchmark&email=bench%40example.com');
  const form = `amount=4900&currency=eur&customer=${customer}&payment_method=pm_card_visa&confirm=true&description=Course&automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never`;
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

async function post(simulator: string, path: string, body: string): Promise<string> {
  const answer = await fetch(simulator + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEY}`,
      'content-type': 'application/x-www-form-urlencoded',
      'stripe-version': '2026-10-28.endive',
    },
    body,
  });
  const json: { id?: string } = await answer.json();
  if (!answer.ok || !json.id) throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(json)}`);
  return json.id;
}

async function control(simulator: string, method: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(simulator + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function executed(simulator: string): Promise<number> {
  const answer: unknown = await control(simulator, 'GET', '/_sim/counts');
  return sumOfRequests(answer);
}

/** The counts come per route; their shape is the simulator's, so only numbers named `requests` are added up. */
function sumOfRequests(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return Object.entries(value).reduce(
    (sum, [key, each]) => sum + (key === 'requests' && typeof each === 'number' ? each : sumOfRequests(each)),
    0,
  );
}
