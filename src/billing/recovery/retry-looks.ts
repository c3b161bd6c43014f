import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { EndOfCase } from './recovery-case.ts';

/** When cases are looked at for a try of ours: `recovery_cases.retry_at`. Moments are by Postgres's clock. */

/** Whoever looks has so long; then somebody else does, who finds what was begun. Seconds. */
const CLAIMED_FOR = 120;

/** @returns the invoice of a case to look at now, which nobody else takes meanwhile */
export async function takeDueLook(db: Db): Promise<string | undefined> {
  const row = await firstRow<{ invoice: string }>(
    db,
    `UPDATE recovery_cases SET retry_at = now() + make_interval(secs => :seconds)
     WHERE invoice = (SELECT due.invoice FROM recovery_cases due WHERE due.retry_at <= now()
                      ORDER BY due.retry_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING invoice`,
    { seconds: CLAIMED_FOR },
  );
  return row?.invoice;
}

/** What a look came to. Somebody may have asked for another meanwhile: that stands. @param at null: once the card changes */
export async function noteLook(
  db: Db,
  invoice: string,
  { at, note }: { readonly at: Date | null; readonly note: string },
): Promise<void> {
  await rows(
    db,
    `UPDATE recovery_cases SET retry_at = :at, retry_note = :note
     WHERE invoice = :invoice AND (retry_at IS NULL OR retry_at > clock_timestamp())`,
    { invoice, at, note },
  );
}

/** The card of a customer has changed: whatever of his is unpaid is looked at. @returns how many cases */
export async function lookAtUnpaid(db: Db, customer: string): Promise<number> {
  const marked = await rows(
    db,
    `UPDATE recovery_cases c SET retry_at = now()
     WHERE c.customer = ? AND (c.state = 'open' OR c.how = 'exhausted')
       AND EXISTS (SELECT FROM subscription_invoices i JOIN subscriptions s ON s.id = i.subscription
                   WHERE i.id = c.invoice AND i.status = 'open' AND s.status IN ('past_due', 'unpaid'))
     RETURNING c.invoice`,
    [customer],
  );
  return marked.length;
}

/** Cases that Stripe tried so far, and that are ours to try since the policy says so. */
export async function lookAtUnplanned(db: Db): Promise<void> {
  await rows(db, `UPDATE recovery_cases SET retry_at = now() WHERE state = 'open' AND retry_at IS NULL`);
}

/** A test clock has moved: a step may be due. */
export async function lookAtOnClock(trx: Knex.Transaction, subscriptions: readonly string[]): Promise<void> {
  await rows(trx, `UPDATE recovery_cases SET retry_at = now() WHERE subscription = ANY(?) AND state = 'open'`, [
    [...subscriptions],
  ]);
}

export interface CaseToRetry {
  readonly invoice: string;
  readonly subscription: string;
  readonly customer: string;
  readonly state: 'open' | EndOfCase['state'];
  readonly how: EndOfCase['how'] | null;
  readonly first_failed_at: Date;
  readonly ends_at: Date | null;
  readonly last_failed_at: Date;
  readonly test_clock: string | null;
}

export async function caseToRetry(db: Db, invoice: string): Promise<CaseToRetry | undefined> {
  return firstRow<CaseToRetry>(
    db,
    `SELECT c.invoice, c.subscription, c.customer, c.state, c.how, c.first_failed_at, c.last_failed_at, c.ends_at, s.test_clock
     FROM recovery_cases c JOIN subscriptions s ON s.id = c.subscription WHERE c.invoice = ?`,
    [invoice],
  );
}
