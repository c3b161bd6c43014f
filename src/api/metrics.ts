import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { JobQueues } from '../jobs/enqueue.ts';
import { QUEUES } from '../jobs/queues.ts';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { lag } from './health.ts';

/** What `/metrics` says, in the format of Prometheus. */
export function metrics(db: Db, jobs: JobQueues): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'quittance_' });

  gauge(registry, 'events_unfinished', 'Stored events without an outcome', [], async (set) => {
    set({}, await count(db, 'SELECT count(*) FROM stripe_events WHERE outcome IS NULL'));
  });
  gauge(registry, 'events_lag_seconds', 'Age of the oldest event without an outcome', [], async (set) => {
    set({}, await lag(db));
  });
  gauge(registry, 'events_24h', 'Events received in the last 24 hours by outcome', ['outcome'], async (set) => {
    const counts = await rows<{ outcome: string; count: number }>(
      db,
      `SELECT coalesce(outcome, 'unfinished') AS outcome, count(*) FROM stripe_events
       WHERE received_at > now() - interval '24 hours' GROUP BY 1`,
    );
    for (const { outcome, count } of counts) set({ outcome }, count);
  });
  gauge(registry, 'review_items_open', 'Questions that wait for a person', [], async (set) => {
    set({}, await count(db, `SELECT count(*) FROM review_items WHERE state = 'open'`));
  });
  gauge(registry, 'jobs', 'Jobs by queue and state', ['queue', 'state'], async (set) => {
    const counted = await jobs.counts();
    for (const queue of QUEUES) {
      for (const [state, count] of Object.entries(counted[queue])) set({ queue, state }, count);
    }
  });
  return registry;
}

type Labels = Record<string, string>;

/** A figure whose source may be away: then it is missing from the page (not zero, nor as it was), and the others are not. */
function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  read: (set: (labels: Labels, value: number) => void) => Promise<void>,
): void {
  new Gauge({
    name: `quittance_${name}`,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const found: [Labels, number][] = [];
      await read((labels, value) => found.push([labels, value])).catch(() => undefined);
      this.reset();
      if (labelNames.length === 0) this.remove(); // reset leaves a zero there
      for (const [labels, value] of found) this.set(labels, value);
    },
  });
}

async function count(db: Db, sql: string): Promise<number> {
  return (await firstRow<{ count: number }>(db, sql))?.count ?? 0;
}
