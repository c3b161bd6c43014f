import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { waitingMarks } from '../billing/agreement/marks.ts';
import { latestCheckouts } from '../billing/checkouts/checkout-figures.ts';
import { walkAge } from '../billing/checkouts/walk.ts';
import { lettersLately, recoveryNow, unknownDeclines } from '../billing/recovery/recovery-figures.ts';
import type { JobQueues } from '../jobs/enqueue.ts';
import { QUEUES } from '../jobs/queues.ts';
import { type Db, firstRow } from '../platform/db.ts';
import { outcomesGiven } from '../stripe/inbox/event-outcomes.ts';
import { lagSeconds, unfinishedEvents } from '../stripe/inbox/unfinished-events.ts';

/**
 * What `/metrics` says, in the format of Prometheus. A scrape reads a bounded number of rows, whatever is stored: it comes
 * every few seconds (docs/decisions/0014-figures-from-counts.md).
 */
export function metrics(db: Db, jobs: JobQueues): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'quittance_' });

  gauge(registry, 'events_unfinished', 'Stored events without an outcome', [], async (set) => {
    set({}, (await unfinishedEvents(db)).count);
  });
  gauge(registry, 'events_awaiting_release', 'Stored events left to a newer release', [], async (set) => {
    set({}, (await unfinishedEvents(db)).awaitingRelease);
  });
  gauge(registry, 'events_lag_seconds', 'Age of the oldest event without an outcome', [], async (set) => {
    set({}, await lagSeconds(db));
  });
  counter(registry, 'events_total', 'Outcomes that events were given', ['outcome'], async (set) => {
    for (const [outcome, events] of Object.entries(await outcomesGiven(db))) set({ outcome }, events);
  });
  gauge(registry, 'review_items_open', 'Questions that wait for a person', [], async (set) => {
    set({}, await count(db, `SELECT count(*) FROM review_items WHERE state = 'open'`));
  });
  gauge(registry, 'dependents_failing', 'Derived records that wait for another try', ['dependent'], async (set) => {
    for (const { dependent, count } of await waitingMarks(db)) set({ dependent }, count);
  });
  gauge(registry, 'checkouts_latest', 'Of the latest 500 checkouts of 7 days', ['outcome'], async (set) => {
    for (const [outcome, sessions] of Object.entries(await latestCheckouts(db))) set({ outcome }, sessions);
  });
  gauge(registry, 'checkouts_listed_seconds', 'Since when Stripe was not asked for new checkouts', [], async (set) => {
    set({}, await walkAge(db));
  });
  gauge(
    registry,
    'recovery_cases',
    'Failed payments: open, and how those of the last 31 days ended',
    ['outcome'],
    async (set) => {
      for (const { outcome, cases } of await recoveryNow(db)) set({ outcome }, cases);
    },
  );
  gauge(registry, 'recovery_letters', 'Letters about failed payments in the last 31 days', [], async (set) => {
    set({}, await lettersLately(db));
  });
  gauge(
    registry,
    'recovery_unknown_declines',
    'Cases of the last 31 days with words that are not known',
    [],
    async (set) => {
      set({}, await unknownDeclines(db));
    },
  );
  gauge(registry, 'jobs', 'Jobs by queue and state', ['queue', 'state'], async (set) => {
    const counted = await jobs.counts();
    for (const queue of QUEUES) {
      for (const [state, count] of Object.entries(counted[queue])) set({ queue, state }, count);
    }
  });
  gauge(registry, 'queue_held', 'Queues that somebody has paused or throttled', ['queue'], async (set) => {
    const held = await jobs.held();
    for (const queue of QUEUES) set({ queue }, held.some((one) => one.queue === queue) ? 1 : 0);
  });
  return registry;
}

type Labels = Record<string, string>;

type Read = (set: (labels: Labels, value: number) => void) => Promise<void>;

/** A figure whose source may be away: then it is missing from the page (not zero, nor as it was), and the others are not. */
function gauge(registry: Registry, name: string, help: string, labelNames: string[], read: Read): void {
  new Gauge({
    name: `quittance_${name}`,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const found = await figures(read);
      this.reset();
      if (labelNames.length === 0) this.remove(); // reset leaves a zero there
      for (const [labels, value] of found) this.set(labels, value);
    },
  });
}

/** The same of a figure that only grows. It is kept in Postgres: what an api process has counted would end with it. */
function counter(registry: Registry, name: string, help: string, labelNames: string[], read: Read): void {
  new Counter({
    name: `quittance_${name}`,
    help,
    labelNames,
    registers: [registry],
    async collect() {
      const found = await figures(read);
      this.reset();
      for (const [labels, value] of found) this.inc(labels, value);
    },
  });
}

async function figures(read: Read): Promise<[Labels, number][]> {
  const found: [Labels, number][] = [];
  await read((labels, value) => found.push([labels, value])).catch(() => undefined);
  return found;
}

async function count(db: Db, sql: string): Promise<number> {
  return (await firstRow<{ count: number }>(db, sql))?.count ?? 0;
}
