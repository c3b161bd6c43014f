import type { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { adjustPayment } from '../billing/adjustments/adjust-payment.ts';
import { settleWhenBooked } from '../billing/adjustments/settle-when-booked.ts';
import { type BackfillRun, countCreated, FAILURES_KEPT, openRun, saveRun } from '../billing/backfill/backfill-runs.ts';
import { bring, documentsOf } from '../billing/backfill/bring.ts';
import type { Found, Page } from '../billing/backfill/page.ts';
import { PHASES, pageOf, phaseAfter } from '../billing/backfill/phases.ts';
import { preview } from '../billing/backfill/preview.ts';
import { type Remembered, remembered } from '../billing/backfill/remembered.ts';
import type { Deps } from '../billing/deps/deps.ts';
import { openDeps } from '../billing/open-deps.ts';
import { toUnix } from '../platform/clock.ts';
import { businessTimeZone, loadConfig } from '../platform/config.ts';
import { messageOf } from '../platform/log.ts';
import { parseDay } from './days.ts';
import { patiently } from './patience.ts';
import type { Terminal } from './terminal.ts';

/** Payments worked on at the same time; the limiter shared with the workers keeps all of them below Stripe's limits. */
const AT_ONCE = 4;

export async function backfill(terminal: Terminal, options: { since: string; dryRun: boolean }): Promise<number> {
  const since = parseDay(options.since, businessTimeZone(terminal.env));
  const config = loadConfig(terminal.env);
  const { deps, close } = openDeps({ ...config, LOG_LEVEL: 'error' }, { name: 'backfill', connections: AT_ONCE * 2 });
  try {
    const failed = await (options.dryRun ? dryRun : realRun)(since, deps, terminal);
    return failed > 0 ? 1 : 0;
  } finally {
    await close();
  }
}

/** @returns how many of them failed */
async function realRun(since: Date, deps: Deps, { say, stderr }: Terminal): Promise<number> {
  let run = await openRun(deps.db, since);
  if (run.looked_at > 0) say(`Going on with run ${run.id}: ${run.looked_at} objects are done.`);
  const bar = progress(since, stderr);
  const done = remembered();
  while (run.phase !== 'done') {
    const { phase, cursor } = run;
    const page = await patiently(() => pageOf(phase, toUnix(since), cursor, deps));
    const failed = await inParallel(distinct(page.found), (found) => bringOne(found, done, run, deps));
    const failures = newAmong(failed, run.failed);
    // A run that is stopped from here on goes on after this page.
    run = await saveRun(deps.db, {
      ...run,
      looked_at: run.looked_at + page.found.length,
      failed: [...run.failed, ...failures],
      failures: run.failures + failures.length,
      ...(page.next ? { cursor: page.next } : { cursor: null, phase: phaseAfter(phase) }),
    });
    bar.show(run, page.next === null ? toUnix(since) : (page.reached ?? toUnix(since)));
  }
  bar.stop();
  say(
    `Done: ${run.looked_at} payments, refunds, disputes, subscriptions, events and open records looked at, ${run.created} documents created, ${run.failures} failed.`,
  );
  for (const failure of run.failed) say(`  ${failure}`);
  if (run.failures > FAILURES_KEPT) say(`  … and ${run.failures - FAILURES_KEPT} more`);
  return run.failures;
}

/** A payment is met in several phases, and named once. */
function newAmong(failed: readonly (string | undefined)[], told: readonly string[]): string[] {
  const subject = (failure: string): string => failure.slice(0, failure.indexOf(': '));
  const known = new Set(told.map(subject));
  return failed.flatMap((failure) => (failure === undefined || known.has(subject(failure)) ? [] : failure));
}

/** @returns why it failed, if it did */
async function bringOne(found: Found, done: Remembered, run: BackfillRun, deps: Deps): Promise<string | undefined> {
  if ('problem' in found) return found.problem;
  const name = nameOf(found);
  const depth = depthOf(found);
  if (DEPTHS.some((each) => each >= depth && done.has(`${each} ${name}`))) return undefined;
  const before = await documentsOf(found, deps);
  try {
    await patiently(() => bring(found, deps));
    const created = (await documentsOf(found, deps)) - before;
    if (created > 0) await countCreated(deps.db, run, created);
    done.add(`${depth} ${name}`);
    return undefined;
  } catch (error) {
    return `${name}: ${messageOf(error)}`;
  }
}

/** @returns how many could not be looked at */
async function dryRun(since: Date, deps: Deps, { say }: Terminal): Promise<number> {
  const previews = preview(deps);
  let found = 0;
  let failures = 0;
  let told: string[] = [];
  for (const phase of PHASES) {
    let cursor: string | null = null;
    do {
      const after: string | null = cursor;
      const page: Page = await patiently(() => pageOf(phase, toUnix(since), after, deps));
      const would: string[] = [];
      const failed = await inParallel(distinct(page.found), async (each) => {
        if ('problem' in each) return each.problem;
        try {
          would.push(...(await patiently(() => previews.of(each))));
          return undefined;
        } catch (error) {
          return `${nameOf(each)}: ${messageOf(error)}`;
        }
      });
      for (const sentence of would) say(`would create: ${sentence}`);
      const fresh = newAmong(failed, told);
      for (const failure of fresh) say(`could not be looked at: ${failure}`);
      told = [...told, ...fresh].slice(0, FAILURES_KEPT);
      found += would.length;
      failures += fresh.length;
      cursor = page.next;
    } while (cursor !== null);
  }
  say(`${found} documents would be created; ${previews.payments} payments were looked at.`);
  const { subscriptions, newSubscriptions } = previews;
  if (subscriptions > 0) {
    say(`${subscriptions} subscriptions would be asked about; ${newSubscriptions} of them are not known here.`);
  }
  return failures;
}

/** Each payment of a page once; by the use case that does more, if several name it. */
function distinct(found: readonly Found[]): Found[] {
  const byName = new Map<string, Found>();
  for (const each of found) {
    const name = nameOf(each);
    const known = byName.get(name);
    if (!known || depthOf(each) > depthOf(known)) byName.set(name, each);
  }
  return [...byName.values()];
}

const DEPTHS = [0, 1, 2];

/** Adjusting a payment settles it as well, but not the other way round; an edit of its charge may do neither. */
function depthOf(found: Found): number {
  const useCase = 'useCase' in found ? found.useCase : undefined;
  if (useCase === settleWhenBooked) return 0;
  return useCase === adjustPayment ? 2 : 1;
}

function nameOf(found: Found): string {
  if ('problem' in found) return found.problem;
  if ('subscription' in found) return found.subscription;
  if ('bring' in found) return found.name;
  return 'session' in found ? found.session : found.payment;
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const [position, item] of queue) results[position] = await work(item);
    }),
  );
  return results;
}

/** How far back in time the walk has come, of each phase; on standard error, without a terminal a line now and then. */
function progress(since: Date, stream: Writable) {
  const start = toUnix(new Date());
  const span = Math.max(1, start - toUnix(since));
  const bar = new SingleBar({
    stream,
    format: '{phase} [{bar}] {percentage}%  {looked} looked at, {created} created',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
  });
  bar.start(span, 0, { phase: 'payments', looked: 0, created: 0 });
  return {
    /** @param reached creation time of the last object, seconds since 1970 */
    show({ phase, looked_at, created }: BackfillRun, reached: number): void {
      bar.update(phase === 'done' ? span : Math.min(span, start - reached), { phase, looked: looked_at, created });
    },
    stop: () => bar.stop(),
  };
}
