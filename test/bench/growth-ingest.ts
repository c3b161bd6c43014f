import pg from 'pg';
import type { Running } from '../../bin/lib/processes.ts';
import { line } from '../../bin/lib/progress.ts';
import { processorSeconds, withChildren } from './processor-time.ts';
import { withSignedEvents } from './signed-events.ts';
import type { Stage } from './stage.ts';
import { markdownTable, median } from './table.ts';
import { load } from './wrk.ts';

/** Taking in events where many are stored, beside an empty database. */
const SECRET = 'whsec_benchmark';
export const CONNECTIONS = 64;
/** Of the events per second that an empty database takes, in percent. */
const BAR = 95;

export async function apiOn(stage: Stage, name: string, databaseUrl: string): Promise<Running> {
  return stage.start({
    name,
    file: 'dist/src/api/main.js',
    env: {
      DATABASE_URL: databaseUrl,
      REDIS_URL: stage.redisUrl,
      QUEUE_PREFIX: name,
      STRIPE_SECRET_KEY: 'sk_test_benchmark',
      STRIPE_WEBHOOK_SECRETS: SECRET,
      LOG_LEVEL: 'warn',
      PORT: '0',
    },
  });
}

type Side = { api: Running; stored: number; rounds: { rate: number; p99: number; server: number; stores: number }[] };

/** The databases take turns, so that a noisy moment hits all of them; the first round warms up and is thrown away. */
export async function ingestAtSizes(
  stage: Stage,
  databases: readonly string[],
  { rounds, requests }: { rounds: number; requests: number },
): Promise<string> {
  const sides: Side[] = [];
  for (const [position, url] of databases.entries()) {
    const api = await apiOn(stage, `growth-ingest-${position}`, url);
    sides.push({ api, stored: await storedEvents(url), rounds: [] });
  }
  for (let round = 0; round <= rounds; round += 1) {
    for (const side of sides) {
      const measured = await measure(stage, side.api, requests);
      line(`  round ${round} of ${rounds}, ${side.stored} stored: ${measured.rate.toFixed(0)} events/s`);
      if (round > 0) side.rounds.push(measured);
    }
  }
  await Promise.all(sides.map(({ api }) => api.stop()));
  return table(sides);
}

async function measure(stage: Stage, api: Running, count: number) {
  return withSignedEvents({ secret: SECRET, count }, async (requests) => {
    const stores = () => processorSeconds([...withChildren(stage.postgresPid), stage.redisPid]);
    const before = { server: processorSeconds([api.pid]), stores: stores() };
    const { answers, seconds, p99 } = await load(api.url, requests, CONNECTIONS);
    const perEvent = 1e6 / answers;
    return {
      rate: answers / seconds,
      p99,
      server: (processorSeconds([api.pid]) - before.server) * perEvent,
      stores: (stores() - before.stores) * perEvent,
    };
  });
}

function table(sides: readonly Side[]): string {
  const of = (side: Side | undefined, figure: keyof Side['rounds'][number]): number =>
    median((side?.rounds ?? []).map((round) => round[figure]));
  const share = (side: Side): number => (100 * of(side, 'rate')) / of(sides[0], 'rate');
  const rows = sides.map((side) => [
    String(side.stored),
    of(side, 'rate').toFixed(0),
    `${share(side).toFixed(0)} %`,
    of(side, 'p99').toFixed(1),
    of(side, 'server').toFixed(0),
    of(side, 'stores').toFixed(0),
    share(side) >= BAR ? 'yes' : 'NO',
  ]);
  const cpu = ['CPU µs/event, server', 'CPU µs/event, stores'];
  return markdownTable(
    ['events stored before', 'events/s', 'of an empty one', 'p99 ms', ...cpu, `at least ${BAR} %`],
    rows,
  );
}

async function storedEvents(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM stripe_events');
    return Number(rows[0]?.count);
  } finally {
    await client.end();
  }
}
