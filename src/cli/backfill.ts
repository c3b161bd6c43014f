import { SingleBar } from 'cli-progress';
import { adjustPayment } from '../billing/adjustments/adjust-payment.ts';
import { type BackfillRun, openRun, saveRun } from '../billing/backfill/backfill-runs.ts';
import { pageOf } from '../billing/backfill/past-payments.ts';
import { previewPayment } from '../billing/backfill/preview-payment.ts';
import type { Deps } from '../billing/deps.ts';
import { settlePayment } from '../billing/invoicing/settle-payment.ts';
import { openDeps } from '../billing/open-deps.ts';
import { toUnix } from '../platform/clock.ts';
import { loadConfig } from '../platform/config.ts';
import { messageOf } from '../platform/log.ts';
import { verdictOn } from '../workers/retry-policy.ts';

/** Payments worked on at the same time; the limiter shared with the workers keeps all of them below Stripe's limits. */
const AT_ONCE = 4;
const TRIES = 5;
const PHASES = ['payments', 'refunds', 'disputes'] as const;

export async function backfill(options: { since: string; dryRun: boolean }): Promise<void> {
  const since = parseDay(options.since);
  const { deps, close } = openDeps(
    { ...loadConfig(), LOG_LEVEL: 'error' },
    { name: 'backfill', connections: AT_ONCE * 2 },
  );
  try {
    if (options.dryRun) await dryRun(since, deps);
    else await realRun(since, deps);
  } finally {
    await close();
  }
}

function parseDay(text: string): Date {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN);
  if (Number.isNaN(day.getTime())) throw new Error(`--since must be a day like 2026-01-01, not ${text}.`);
  return day;
}

async function realRun(since: Date, deps: Deps): Promise<void> {
  let run = await openRun(deps.db, since);
  const useCase = (phase: BackfillRun['phase']) => (phase === 'payments' ? settlePayment : adjustPayment);
  if (run.looked_at > 0) process.stdout.write(`Going on with run ${run.id}: ${run.looked_at} objects are done.\n`);
  const bar = progress(since);
  while (run.phase !== 'done') {
    const { phase } = run;
    const page = await pageOf(deps.stripe, phase, toUnix(since), run.cursor);
    const ends = await inParallel(unique(page.payments), (payment) => bring(payment, useCase(phase), deps));
    run = {
      ...run,
      looked_at: run.looked_at + page.payments.length,
      processed: run.processed + ends.filter((end) => end === 'processed').length,
      failed: [...run.failed, ...ends.flatMap((end) => (end === 'processed' || end === 'other' ? [] : [end]))],
      ...(page.next ? { cursor: page.next } : { cursor: null, phase: phaseAfter(phase) }),
    };
    // The page is done with: a run that is stopped now goes on after it.
    await saveRun(deps.db, run);
    bar.show(run.phase, page.reached, run.looked_at, run.processed);
  }
  bar.stop();
  process.stdout.write(
    `Done: ${run.looked_at} payments, refunds and disputes looked at, ${run.processed} payments with documents, ${run.failed.length} failed.\n`,
  );
  for (const failure of run.failed) process.stdout.write(`  ${failure}\n`);
  if (run.failed.length > 0) process.exitCode = 1;
}

function phaseAfter(phase: (typeof PHASES)[number]): BackfillRun['phase'] {
  return PHASES[PHASES.indexOf(phase) + 1] ?? 'done';
}

/** @returns how it ended, or for a failure the payment with the reason */
async function bring(paymentIntent: string, useCase: typeof settlePayment, deps: Deps): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const end = await useCase({ account: '', paymentIntent }, deps);
      return end.outcome === 'processed' ? 'processed' : 'other';
    } catch (error) {
      const verdict = verdictOn(error);
      if (verdict.kind === 'review' || attempt === TRIES) return `${paymentIntent}: ${messageOf(error)}`;
      await new Promise((resolve) => setTimeout(resolve, 'ms' in verdict ? verdict.ms : 1_000 * 2 ** attempt));
    }
  }
}

async function dryRun(since: Date, deps: Deps): Promise<void> {
  const seen = new Set<string>();
  let documents = 0;
  for (const phase of PHASES) {
    let cursor: string | null = null;
    do {
      const page = await pageOf(deps.stripe, phase, toUnix(since), cursor);
      const fresh = unique(page.payments).filter((payment) => !seen.has(payment));
      for (const payment of fresh) seen.add(payment);
      const found = await inParallel(fresh, (payment) => previewPayment(payment, deps));
      for (const sentence of found.flat()) {
        process.stdout.write(`would create: ${sentence}\n`);
        documents += 1;
      }
      cursor = page.next;
    } while (cursor);
  }
  process.stdout.write(`${documents} documents would be created; ${seen.size} payments were looked at.\n`);
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

/** How far back in time the walk has come, of each phase; without a terminal, a line now and then. */
function progress(since: Date) {
  const start = toUnix(new Date());
  const span = Math.max(1, start - toUnix(since));
  const bar = new SingleBar({
    format: '{phase} [{bar}] {percentage}%  {looked} looked at, {processed} with documents',
    noTTYOutput: true,
    notTTYSchedule: 5_000,
    hideCursor: true,
  });
  bar.start(span, 0, { phase: 'payments', looked: 0, processed: 0 });
  return {
    show(phase: string, reached: number, looked: number, processed: number): void {
      bar.update(phase === 'done' ? span : Math.min(span, start - reached), { phase, looked, processed });
    },
    stop: () => bar.stop(),
  };
}
