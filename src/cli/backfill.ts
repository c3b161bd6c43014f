import type { Writable } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { adjustPayment } from '../billing/adjustments/adjust-payment.ts';
import { type BackfillRun, countCreated, openRun, saveRun } from '../billing/backfill/backfill-runs.ts';
import { countDocuments } from '../billing/backfill/documents.ts';
import { type Page, pageOf } from '../billing/backfill/past-payments.ts';
import { previewPayment } from '../billing/backfill/preview-payment.ts';
import type { Deps } from '../billing/deps.ts';
import { settlePayment } from '../billing/invoicing/settle-payment.ts';
import { openDeps } from '../billing/open-deps.ts';
import { toUnix } from '../platform/clock.ts';
import { loadConfig } from '../platform/config.ts';
import { messageOf } from '../platform/log.ts';
import { parseDay } from './days.ts';
import { patiently } from './patience.ts';
import type { Terminal } from './terminal.ts';

/** Payments worked on at the same time; the limiter shared with the workers keeps all of them below Stripe's limits. */
const AT_ONCE = 4;
const PHASES = ['payments', 'refunds', 'disputes'] as const;

export async function backfill(terminal: Terminal, options: { since: string; dryRun: boolean }): Promise<number> {
  const config = loadConfig(terminal.env);
  const since = parseDay(options.since, config.BUSINESS_TIME_ZONE);
  const { deps, close } = openDeps({ ...config, LOG_LEVEL: 'error' }, { name: 'backfill', connections: AT_ONCE * 2 });
  try {
    const failed = await (options.dryRun ? dryRun : realRun)(since, deps, terminal);
    return failed > 0 ? 1 : 0;
  } finally {
    await close();
  }
}

/** @returns how many payments failed */
async function realRun(since: Date, deps: Deps, { say, stderr }: Terminal): Promise<number> {
  let run = await openRun(deps.db, since);
  if (run.looked_at > 0) say(`Going on with run ${run.id}: ${run.looked_at} objects are done.`);
  const bar = progress(since, stderr);
  while (run.phase !== 'done') {
    const { phase, cursor } = run;
    const page = await patiently(pageAfter(cursor, phase, since, deps));
    const useCase = phase === 'payments' ? settlePayment : adjustPayment;
    const failures = await inParallel(unique(page.payments), (payment) => bring(payment, useCase, run, deps));
    // A run that is stopped from here on goes on after this page.
    run = await saveRun(deps.db, {
      ...run,
      looked_at: run.looked_at + page.payments.filter((payment) => payment !== null).length,
      failed: [...run.failed, ...failures.flatMap((failure) => failure ?? [])],
      ...(page.next ? { cursor: page.next } : { cursor: null, phase: phaseAfter(phase) }),
    });
    bar.show(run, page.next === null ? toUnix(since) : page.reached);
  }
  bar.stop();
  say(
    `Done: ${run.looked_at} payments, refunds and disputes looked at, ${run.created} documents created, ${run.failed.length} payments failed.`,
  );
  for (const failure of run.failed) say(`  ${failure}`);
  return run.failed.length;
}

function pageAfter(cursor: string | null, phase: (typeof PHASES)[number], since: Date, { stripe }: Deps) {
  return () => pageOf(stripe, phase, toUnix(since), cursor);
}

function phaseAfter(phase: (typeof PHASES)[number]): BackfillRun['phase'] {
  return PHASES[PHASES.indexOf(phase) + 1] ?? 'done';
}

/** @returns why it failed, if it did */
async function bring(
  paymentIntent: string,
  useCase: typeof settlePayment,
  run: BackfillRun,
  deps: Deps,
): Promise<string | undefined> {
  const ref = { account: '', paymentIntent };
  const before = await countDocuments(deps.db, ref);
  try {
    await patiently(() => useCase(ref, deps));
  } catch (error) {
    return `${paymentIntent}: ${messageOf(error)}`;
  }
  const created = (await countDocuments(deps.db, ref)) - before;
  if (created > 0) await countCreated(deps.db, run, created);
  return undefined;
}

/** @returns how many payments could not be looked at */
async function dryRun(since: Date, deps: Deps, { say }: Terminal): Promise<number> {
  const seen = new Set<string>();
  let found = 0;
  let failed = 0;
  for (const phase of PHASES) {
    let cursor: string | null = null;
    do {
      const page: Page = await patiently(pageAfter(cursor, phase, since, deps));
      const fresh = unique(page.payments).filter((payment) => !seen.has(payment));
      for (const payment of fresh) seen.add(payment);
      const previews = await inParallel(fresh, (payment) => preview(payment, deps));
      for (const sentence of previews.flatMap(({ would }) => would)) say(`would create: ${sentence}`);
      for (const { failure } of previews) if (failure) say(`could not be looked at: ${failure}`);
      found += previews.flatMap(({ would }) => would).length;
      failed += previews.filter(({ failure }) => failure !== undefined).length;
      cursor = page.next;
    } while (cursor !== null);
  }
  say(`${found} documents would be created; ${seen.size} payments were looked at.`);
  return failed;
}

async function preview(payment: string, deps: Deps): Promise<{ would: readonly string[]; failure?: string }> {
  try {
    return { would: await patiently(() => previewPayment(payment, deps)) };
  } catch (error) {
    return { would: [], failure: `${payment}: ${messageOf(error)}` };
  }
}

function unique(payments: readonly (string | null)[]): string[] {
  return [...new Set(payments.flatMap((payment) => payment ?? []))];
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
