import { line } from '../../bin/lib/progress.ts';
import { load, percentile } from './load.ts';
import { processorSeconds, withChildren } from './processor-time.ts';
import type { Stage } from './stage.ts';
import { machine, markdownTable, median } from './table.ts';

/**
 * The receiver against a bare Express app that only verifies (the upper bound) and the textbook handler. The contenders
 * take turns, round by round, so that a noisy moment hits all of them; the figures are medians over the rounds.
 */
export type IngestOptions = { rounds: number; requests: number; connections: number };

type Round = { rate: number; p50: number; p99: number; server: number; stores: number };

const SECRET = 'whsec_benchmark';

export async function ingest(stage: Stage, { rounds, requests, connections }: IngestOptions): Promise<string> {
  const database = await stage.newDatabase();
  const env = {
    DATABASE_URL: database,
    REDIS_URL: stage.redisUrl,
    STRIPE_SECRET_KEY: 'sk_test_benchmark',
    STRIPE_WEBHOOK_SECRETS: SECRET,
    PORT: '0',
  };
  const contenders = [
    { name: 'verify-only', file: 'test/bench/contenders.ts', words: ['verify-only'] },
    { name: 'textbook', file: 'test/bench/contenders.ts', words: ['textbook'] },
    { name: 'Quittance', file: 'dist/src/api/main.js', words: [] },
  ];
  const started = [];
  for (const contender of contenders) started.push({ ...contender, server: await stage.start({ ...contender, env }) });

  const results = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
  // The first round warms up and is thrown away.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, server } of started) {
      const stores = [...withChildren(stage.postgresPid), stage.redisPid];
      const before = { server: processorSeconds([server.pid]), stores: processorSeconds(stores) };
      const shared = { secret: SECRET, requests, connections, bytes: 3_000, type: 'payment_intent.succeeded' };
      const run = await load({ url: server.url, ...shared });
      if (run.refused > 0) throw new Error(`${name} refused ${run.refused} of ${requests} events`);
      const perEvent = 1e6 / requests;
      const figures = {
        rate: requests / run.seconds,
        p50: percentile(run.latencies, 0.5),
        p99: percentile(run.latencies, 0.99),
        server: (processorSeconds([server.pid]) - before.server) * perEvent,
        stores: (processorSeconds([...withChildren(stage.postgresPid), stage.redisPid]) - before.stores) * perEvent,
      };
      line(`  round ${round} of ${rounds}  ${name.padEnd(12)} ${figures.rate.toFixed(0).padStart(6)} events/s`);
      if (round > 0) results.get(name)?.push(figures);
    }
  }
  return report(results, { rounds, requests, connections });
}

function report(results: ReadonlyMap<string, Round[]>, { rounds, requests, connections }: IngestOptions): string {
  const of = (name: string, figure: keyof Round): number =>
    median((results.get(name) ?? []).map((each) => each[figure]));
  const base = of('verify-only', 'rate');
  const rows = [...results.keys()].map((name) => [
    name,
    of(name, 'rate').toFixed(0),
    `${((100 * of(name, 'rate')) / base).toFixed(0)} %`,
    of(name, 'p50').toFixed(1),
    of(name, 'p99').toFixed(1),
    of(name, 'server').toFixed(0),
    of(name, 'stores').toFixed(0),
  ]);
  const header = [
    'server',
    'events/s',
    'of verify-only',
    'p50 ms',
    'p99 ms',
    'CPU µs/event, server',
    'CPU µs/event, stores',
  ];
  const ratio = of('Quittance', 'rate') / of('textbook', 'rate');
  return [
    `${machine()}; ${rounds} rounds of ${requests} events of 3 kB over ${connections} connections; medians.`,
    '',
    markdownTable(header, rows),
    '',
    `Quittance takes ${((100 * of('Quittance', 'rate')) / base).toFixed(0)} % of the verify-only app's events and ${ratio.toFixed(2)} times the textbook handler's.`,
  ].join('\n');
}
