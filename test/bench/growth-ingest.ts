import type { Running } from '../../bin/lib/processes.ts';
import { line } from '../../bin/lib/progress.ts';
import { checkpoint, measure, type Round, SECRET, storedEvents } from './ingest-round.ts';
import type { Stage } from './stage.ts';
import { markdownTable, median } from './table.ts';

/** Taking in events where many are stored, beside an empty database. */
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

type Side = { api: Running; stored: number; rounds: Round[] };

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
    if (round === 1) for (const url of databases) await checkpoint(url);
    for (const side of sides) {
      const measured = await measure(stage, side.api, requests, CONNECTIONS);
      line(`  round ${round} of ${rounds}, ${side.stored} stored: ${measured.rate.toFixed(0)} events/s`);
      if (round > 0) side.rounds.push(measured);
    }
  }
  await Promise.all(sides.map(({ api }) => api.stop()));
  return table(sides);
}

function table(sides: readonly Side[]): string {
  const of = (side: Side | undefined, figure: keyof Round): number =>
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
