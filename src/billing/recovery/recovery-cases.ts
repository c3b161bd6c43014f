import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import type { EndOfCase } from './recovery-case.ts';

/** The table `recovery_cases`: one for each invoice of a subscription whose payment failed. It never opens again. */

/** A case whose first failure was found later than this is on record, and nobody is told of it. Days. */
const TELL_WITHIN_DAYS = 7;

export interface KeptCase {
  readonly invoice: string;
  readonly state: 'open' | EndOfCase['state'];
  readonly how: EndOfCase['how'] | null;
  readonly attempt_count: number;
  /** What was to become of the subscription after an end by our own plan. */
  readonly at_end: RecoveryPolicy['at_end'] | null;
}

/** By invoice; locked. */
export async function casesOfSubscription(
  trx: Knex.Transaction,
  subscription: string,
): Promise<ReadonlyMap<string, KeptCase>> {
  const found = await rows<KeptCase>(
    trx,
    'SELECT invoice, state, how, attempt_count, at_end FROM recovery_cases WHERE subscription = ? ORDER BY invoice FOR UPDATE',
    [subscription],
  );
  return new Map(found.map((each) => [each.invoice, each]));
}

/** What an open case says, as far as it changes. */
export interface CaseNow {
  readonly invoice: string;
  readonly firstFailedAt: Date;
  readonly lastFailedAt: Date;
  readonly givenUpAt: Date | null;
  /** By our own plan; null: Stripe ends it. */
  readonly endsAt: Date | null;
  readonly attemptCount: number;
  readonly declineClass: string;
  readonly declineCode: string | null;
}

export interface NewCase extends CaseNow {
  readonly subscription: string;
  readonly customer: string;
  readonly currency: string;
  /** Open, minor units of currency. */
  readonly amount: number;
}

/** @param now in the time of its customer */
export async function writeNewCase(trx: Knex.Transaction, opened: NewCase, now: Date): Promise<void> {
  await rows(
    trx,
    `INSERT INTO recovery_cases (invoice, subscription, customer, state, currency, amount, first_failed_at, last_failed_at,
                                 given_up_at, ends_at, attempt_count, decline_class, decline_code, retry_at, look_at)
     VALUES (:invoice, :subscription, :customer, 'open', :currency, :amount, :firstFailedAt, :lastFailedAt, :givenUpAt,
             :endsAt, :attemptCount, :declineClass, :declineCode, now(),
             CASE WHEN :firstFailedAt::timestamptz > :now::timestamptz - make_interval(days => :tellWithinDays) THEN now() END)`,
    { ...opened, now, tellWithinDays: TELL_WITHIN_DAYS },
  );
}

/** Looked at again at once when something is new, unless it was found too late to tell. */
export async function writeCase(trx: Knex.Transaction, open: CaseNow): Promise<void> {
  await rows(
    trx,
    `UPDATE recovery_cases SET first_failed_at = :firstFailedAt, last_failed_at = :lastFailedAt, given_up_at = :givenUpAt,
            ends_at = :endsAt, attempt_count = :attemptCount, decline_class = :declineClass, decline_code = :declineCode,
            retry_at = now(), look_at = CASE WHEN look_at IS NOT NULL THEN now() END
     WHERE invoice = :invoice AND state = 'open'
       AND (first_failed_at, last_failed_at, given_up_at, ends_at, attempt_count, decline_class, decline_code)
           IS DISTINCT FROM (:firstFailedAt::timestamptz, :lastFailedAt::timestamptz, :givenUpAt::timestamptz,
                             :endsAt::timestamptz, :attemptCount::integer, :declineClass::text, :declineCode::text)`,
    { ...open },
  );
}

/**
 * Only an end for want of money is told: who has paid or cancelled knows it. A try of ours that is under way is still brought to
 * its end. @param paid minor units of its currency */
export async function endCase(
  trx: Knex.Transaction,
  invoice: string,
  { state, how, at }: EndOfCase,
  paid: number,
): Promise<void> {
  await rows(
    trx,
    `UPDATE recovery_cases SET state = :state, how = :how, ended_at = :at, recovered = CASE :state WHEN 'recovered' THEN least(amount, :paid::bigint) ELSE 0 END,
            retry_at = (SELECT now() FROM recovery_retries r WHERE r.invoice = recovery_cases.invoice AND r.state = 'asking'),
            look_at = CASE WHEN :how = 'exhausted' AND look_at IS NOT NULL THEN now() END
     WHERE invoice = :invoice AND state = 'open'`,
    { invoice, state, how, at, paid },
  );
}

/**
 * What becomes of its subscription now, in the transaction of its end (end-at-stripe.ts). The letter about it waits a little, so
 * that it tells both.
 */
export async function planAtEnd(
  trx: Knex.Transaction,
  invoice: string,
  atEnd: RecoveryPolicy['at_end'],
): Promise<void> {
  await rows(
    trx,
    `UPDATE recovery_cases SET at_end = :atEnd, at_end_state = CASE :atEnd WHEN 'nothing' THEN 'done' ELSE 'due' END,
            at_end_look_at = CASE WHEN :atEnd <> 'nothing' THEN now() END,
            look_at = CASE WHEN :atEnd <> 'nothing' AND look_at IS NOT NULL THEN now() + interval '10 minutes' ELSE look_at END
     WHERE invoice = :invoice AND how = 'exhausted' AND at_end IS NULL`,
    { invoice, atEnd },
  );
}

/** Subscriptions of cases whose end by our own plan has come (a test clock tells of itself), and that are not waiting to be decided again. */
export async function subscriptionsAtTheirEnd(db: Db, now: Date, limit: number): Promise<string[]> {
  const found = await rows<{ subscription: string }>(
    db,
    `SELECT DISTINCT subscription FROM recovery_cases
     WHERE state = 'open' AND ends_at <= :now
       AND NOT EXISTS (SELECT FROM subscriptions s JOIN test_clocks ON test_clocks.id = s.test_clock
                       WHERE s.id = recovery_cases.subscription)
       AND NOT EXISTS (SELECT FROM agreement_marks
                       WHERE dependent = 'recovery' AND record = 'subscription' AND subject = recovery_cases.subscription)
     LIMIT :limit`,
    { now, limit },
  );
  return found.map(({ subscription }) => subscription);
}

/** Subscriptions of cases that time alone has ended (a test clock tells of itself: agree-clock.ts), and that are not waiting to be decided again. @param seconds since Stripe gave up */
export async function subscriptionsGivenUp(db: Db, seconds: number, limit: number): Promise<string[]> {
  const found = await rows<{ subscription: string }>(
    db,
    `SELECT DISTINCT subscription FROM recovery_cases
     WHERE state = 'open' AND given_up_at <= now() - make_interval(secs => :seconds)
       AND NOT EXISTS (SELECT FROM subscriptions s JOIN test_clocks ON test_clocks.id = s.test_clock
                       WHERE s.id = recovery_cases.subscription)
       AND NOT EXISTS (SELECT FROM agreement_marks
                       WHERE dependent = 'recovery' AND record = 'subscription' AND subject = recovery_cases.subscription)
     LIMIT :limit`,
    { seconds, limit },
  );
  return found.map(({ subscription }) => subscription);
}

export async function customersToLookAt(db: Db, limit: number): Promise<string[]> {
  const found = await rows<{ customer: string }>(
    db,
    'SELECT DISTINCT customer FROM recovery_cases WHERE look_at <= now() LIMIT ?',
    [limit],
  );
  return found.map(({ customer }) => customer);
}

export interface CaseToTell {
  readonly invoice: string;
  readonly billing_reason: string | null;
  readonly given_up_at: Date | null;
  readonly ends_at: Date | null;
  readonly how: EndOfCase['how'] | null;
  readonly ended_at: Date | null;
  /** Of the customer. */
  readonly email: string | null;
  /** Of the customer. */
  readonly test_clock: string | null;
  readonly last_failed_at: Date;
}

/** Those of a customer of which something may be told; locked. */
export async function casesToTell(trx: Knex.Transaction, customer: string): Promise<CaseToTell[]> {
  return rows<CaseToTell>(
    trx,
    `SELECT c.invoice, i.billing_reason, c.given_up_at, c.ends_at, c.how, c.ended_at, s.email, s.test_clock, c.last_failed_at
     FROM recovery_cases c JOIN subscription_invoices i ON i.id = c.invoice JOIN subscriptions s ON s.id = c.subscription
     WHERE c.customer = ? AND c.look_at IS NOT NULL AND c.stopped_at IS NULL ORDER BY c.invoice FOR UPDATE OF c`,
    [customer],
  );
}

/** @param at null: never by itself */
export async function lookAgain(trx: Knex.Transaction, invoice: string, at: Date | null): Promise<void> {
  await rows(trx, 'UPDATE recovery_cases SET look_at = :at WHERE invoice = :invoice', { invoice, at });
}

/** The time of these has changed. What nobody is told of any more stays so. */
export async function lookAtOnce(trx: Knex.Transaction, subscriptions: readonly string[]): Promise<void> {
  await rows(trx, 'UPDATE recovery_cases SET look_at = now() WHERE subscription = ANY(?) AND look_at IS NOT NULL', [
    [...subscriptions],
  ]);
}

/** So that two workers write one letter. @returns false when another is at it */
export async function lockCustomer(trx: Knex.Transaction, customer: string): Promise<boolean> {
  const row = await firstRow<{ locked: boolean | null }>(
    trx,
    `SELECT pg_try_advisory_xact_lock(hashtextextended('recovery:' || ?, 0)) AS locked`,
    [customer],
  );
  return row?.locked === true;
}
