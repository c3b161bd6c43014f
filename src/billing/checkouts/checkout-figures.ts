import { type Db, rows } from '../../platform/db.ts';
import { type ListOrder, type Page, type PageAsked, readPage } from '../../platform/pages.ts';
import type { SessionOutcome } from './session-outcome.ts';

/** How many checkouts come to their end, as people and Prometheus read it. What counts as what: docs/checkouts.md. */

/** In percent: the mission of the product. Below it somebody is told. */
export const TARGET_PERCENT = 98;
/** Of fewer no percentage is worth an alarm: one failure of three is no news. */
export const FEWEST_TO_JUDGE = 50;

/** Of the latest that have come to their end: enough for a percentage, and few to read. */
const LATEST = 500;
const LATEST_DAYS = 7;

export interface LatestCheckouts {
  readonly succeeded: number;
  readonly failed: number;
}

export async function latestCheckouts(db: Db): Promise<LatestCheckouts> {
  const counted = await rows<{ outcome: 'succeeded' | 'failed'; sessions: number }>(
    db,
    `SELECT CASE outcome WHEN 'succeeded' THEN 'succeeded' ELSE 'failed' END AS outcome, count(*) AS sessions
     FROM (SELECT outcome FROM checkout_sessions
           WHERE outcome IN ('succeeded', 'failed') AND decided_at > now() - make_interval(days => :days)
           ORDER BY decided_at DESC LIMIT :most) latest GROUP BY 1`,
    { days: LATEST_DAYS, most: LATEST },
  );
  return {
    succeeded: 0,
    failed: 0,
    ...Object.fromEntries(counted.map(({ outcome, sessions }) => [outcome, sessions])),
  };
}

/** @returns null where nothing is to be divided by */
export function successPercent({ succeeded, failed }: LatestCheckouts): number | null {
  return succeeded + failed === 0 ? null : (100 * succeeded) / (succeeded + failed);
}

export function isBelowTarget(latest: LatestCheckouts): boolean {
  const percent = successPercent(latest);
  return percent !== null && percent < TARGET_PERCENT && latest.succeeded + latest.failed >= FEWEST_TO_JUDGE;
}

export interface CheckoutMonth {
  /** `2026-11`, UTC: the month in which they were opened. */
  readonly month: string;
  readonly opened: number;
  readonly completed: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly pending: number;
  readonly abandoned: number;
  readonly left_out: number;
}

/** The latest months in which any was opened, newest first. */
export async function checkoutMonths(db: Db, months: number): Promise<CheckoutMonth[]> {
  return rows<CheckoutMonth>(
    db,
    `SELECT coalesce(to_char(month, 'YYYY-MM'), '') AS month, coalesce(opened, 0) AS opened, coalesce(completed, 0) AS completed,
            coalesce(succeeded, 0) AS succeeded, coalesce(failed, 0) AS failed, coalesce(pending, 0) AS pending,
            coalesce(abandoned, 0) AS abandoned, coalesce(left_out, 0) AS left_out
     FROM checkout_figures_by_month ORDER BY 1 DESC LIMIT :months`,
    { months },
  );
}

export function conversionPercent({ opened, completed }: Pick<CheckoutMonth, 'opened' | 'completed'>): number | null {
  return opened === 0 ? null : (100 * completed) / opened;
}

export interface CheckoutFailures {
  readonly month: string;
  readonly reason: string;
  /** In the word of Stripe or the bank. */
  readonly failure_code: string | null;
  readonly failed: number;
}

/** Of the same months, by month and then the most frequent first. */
export async function checkoutFailures(db: Db, months: readonly string[]): Promise<CheckoutFailures[]> {
  return rows<CheckoutFailures>(
    db,
    `SELECT coalesce(to_char(month, 'YYYY-MM'), '') AS month, coalesce(reason, '') AS reason, failure_code, coalesce(failed, 0) AS failed
     FROM checkout_failures_by_month WHERE to_char(month, 'YYYY-MM') = ANY(:months) ORDER BY 1 DESC, 4 DESC, 2, 3`,
    { months: [...months] },
  );
}

export interface ListedSession {
  /** cs_… */
  readonly id: string;
  readonly mode: 'payment' | 'subscription';
  readonly status: 'open' | 'complete' | 'expired';
  readonly outcome: SessionOutcome['outcome'];
  readonly reason: string | null;
  readonly failure_code: string | null;
  readonly payment_intent: string | null;
  readonly subscription: string | null;
  readonly created: Date;
  readonly decided_at: Date;
}

const ORDER: ListOrder = { table: 'checkout_sessions', by: 'created', newestFirst: true, ids: /^cs_\w{1,200}$/ };

const SELECT = `SELECT id, mode, status, outcome, reason, failure_code, payment_intent, subscription, created, decided_at
  FROM checkout_sessions`;

export const OUTCOMES = [
  'failed',
  'pending',
  'open',
  'succeeded',
  'abandoned',
  'left_out',
] as const satisfies readonly SessionOutcome['outcome'][];

/** Newest first. @returns undefined when the session to begin or end at is not there */
export async function pageOfSessions(
  db: Db,
  outcome: SessionOutcome['outcome'] | undefined,
  asked: PageAsked,
): Promise<Page<ListedSession> | undefined> {
  // The failed ones have an index of their own, which Postgres finds by the word alone.
  const where = outcome === undefined ? [] : outcome === 'failed' ? [`outcome = 'failed'`] : ['outcome = :outcome'];
  const bindings: Record<string, string> = outcome === undefined || outcome === 'failed' ? {} : { outcome };
  return readPage<ListedSession>(db, ORDER, { select: SELECT, where, bindings }, asked);
}
