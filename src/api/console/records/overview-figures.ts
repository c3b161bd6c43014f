import { type Waiting, waitingMarks } from '../../../billing/agreement/marks.ts';
import { type LatestCheckouts, latestCheckouts } from '../../../billing/checkouts/checkout-figures.ts';
import { type InvoiceSum, invoiceSums } from '../../../billing/own-invoices/invoice-sums.ts';
import type { RecoveryPolicy } from '../../../billing/policy/recovery.ts';
import { settingsToConfirm } from '../../../billing/recovery/stripe-settings.ts';
import type { JobQueues } from '../../../jobs/enqueue.ts';
import { sentenceOf } from '../../../jobs/held-queues.ts';
import { type Db, firstRow } from '../../../platform/db.ts';
import { COUNTED_AT_MOST, unfinishedEvents } from '../../../stripe/inbox/unfinished-events.ts';

export interface OverviewFigures {
  /** Where counting events ends: then there are that many or more. */
  readonly countedAtMost: number;
  /** Events without an outcome. */
  readonly unfinished: number;
  /** Those among them whose last attempt failed. */
  readonly failing: number;
  /** Age of the oldest of them in seconds. */
  readonly lagSeconds: number;
  /** Events left to a newer release. */
  readonly awaitingRelease: number;
  readonly openReviews: number;
  readonly messages: { readonly pending: number; readonly dead: number };
  readonly sums: readonly InvoiceSum[];
  /** A sentence for each queue that somebody has paused or throttled. */
  readonly heldQueues: readonly string[];
  /** What is derived from records, failed, and is tried again. */
  readonly dependents: readonly Waiting[];
  readonly checkouts: LatestCheckouts;
  /** What has to be so in the Dashboard of Stripe, and nobody has looked at it lately. */
  readonly settings: readonly string[];
}

/** Reads what the overview shows: counts of what waits, and sums that are kept. Nothing here grows with what is done. */
export async function overviewFigures(
  db: Db,
  jobs: Pick<JobQueues, 'held'>,
  today: string,
  policy: RecoveryPolicy,
): Promise<OverviewFigures> {
  const [events, reviews, messages, sums, held, dependents, checkouts, settings] = await Promise.all([
    unfinishedEvents(db),
    firstRow<{ open: number }>(db, `SELECT count(*) AS open FROM review_items WHERE state = 'open'`),
    firstRow<{ pending: number; dead: number }>(
      db,
      `SELECT count(*) FILTER (WHERE state = 'pending') AS pending, count(*) FILTER (WHERE state = 'dead') AS dead
       FROM messages WHERE state IN ('pending', 'dead')`,
    ),
    invoiceSums(db, today),
    // Without Redis the rest is shown all the same.
    jobs.held().catch(() => []),
    waitingMarks(db),
    latestCheckouts(db),
    settingsToConfirm(db, policy),
  ]);
  return {
    countedAtMost: COUNTED_AT_MOST,
    unfinished: events.count,
    failing: events.failing,
    lagSeconds: events.lagSeconds,
    awaitingRelease: events.awaitingRelease,
    openReviews: reviews?.open ?? 0,
    messages: { pending: messages?.pending ?? 0, dead: messages?.dead ?? 0 },
    sums,
    heldQueues: held.map(sentenceOf),
    dependents,
    checkouts,
    settings: settings.flatMap(({ says, isDue }) => (isDue ? says : [])),
  };
}
