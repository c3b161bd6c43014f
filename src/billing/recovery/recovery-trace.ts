import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import type { WrittenLetter } from './recovery-letters.ts';
import { type ListedCase, pageOfCases } from './recovery-list.ts';
import type { RetryRow } from './recovery-retries.ts';

/** Reads the story of one case for people: the command line and the console show it. */
export interface RecoveryTrace {
  readonly of: ListedCase & CaseFacts;
  /** From the first to the last: failures, tries of ours, letters, its beginning and its end. */
  readonly timeline: readonly Happened[];
}

export interface CaseFacts {
  readonly opened_at: Date;
  /** Minor units of currency. */
  readonly recovered: number;
  readonly at_end: RecoveryPolicy['at_end'] | null;
  readonly at_end_state: 'due' | 'done' | 'not_needed' | 'refused' | null;
  /** Of the invoice at Stripe. */
  readonly hosted_invoice_url: string | null;
}

export type Happened =
  | { readonly what: 'opened' | 'ended'; readonly at: Date }
  | ({ readonly what: 'failed' } & FailedTry)
  | ({ readonly what: 'retry' } & MadeRetry)
  | ({ readonly what: 'letter' } & SentLetter);

interface FailedTry {
  readonly at: Date;
  readonly code: string | null;
  readonly reason: string | null;
  readonly advice_code: string | null;
  readonly network_advice_code: string | null;
  readonly requires_action: boolean;
}

interface MadeRetry {
  readonly at: Date;
  readonly why: RetryRow['why'];
  readonly state: RetryRow['state'];
  readonly asked_by: string | null;
  readonly said: string | null;
}

interface SentLetter {
  readonly at: Date;
  readonly kind: WrittenLetter['kind'];
  readonly message: string | null;
  readonly message_state: 'pending' | 'sent' | 'dead' | 'skipped' | null;
}

/** @returns undefined when there is no case of this invoice */
export async function traceRecovery(db: Db, invoice: string): Promise<RecoveryTrace | undefined> {
  const [facts, found, failed, retries, letters] = await Promise.all([
    factsOf(db, invoice),
    pageOfCases(db, { search: invoice }, { limit: 1 }),
    failedTriesOf(db, invoice),
    madeRetriesOf(db, invoice),
    sentLettersOf(db, invoice),
  ]);
  const listed = found?.rows[0];
  if (!facts || !listed) return undefined;
  const happened: Happened[] = [
    ...failed.map((each) => ({ what: 'failed' as const, ...each })),
    { what: 'opened', at: facts.opened_at },
    ...retries.map((each) => ({ what: 'retry' as const, ...each })),
    ...letters.map((each) => ({ what: 'letter' as const, ...each })),
    ...(listed.ended_at ? [{ what: 'ended' as const, at: listed.ended_at }] : []),
  ];
  return {
    of: { ...listed, ...facts },
    timeline: inOrder(happened),
  };
}

const ORDER = ['failed', 'opened', 'retry', 'ended', 'letter'];

/** Stripe tells whole seconds: what has the same is told in the order in which it follows. */
function inOrder(happened: readonly Happened[]): Happened[] {
  const second = ({ at }: Happened) => Math.floor(at.getTime() / 1_000);
  return happened.toSorted(
    (one, other) => second(one) - second(other) || ORDER.indexOf(one.what) - ORDER.indexOf(other.what),
  );
}

async function factsOf(db: Db, invoice: string): Promise<CaseFacts | undefined> {
  return firstRow<CaseFacts>(
    db,
    `SELECT c.opened_at, c.recovered, c.at_end, c.at_end_state, i.hosted_invoice_url
     FROM recovery_cases c JOIN subscription_invoices i ON i.id = c.invoice WHERE c.invoice = ?`,
    [invoice],
  );
}

async function failedTriesOf(db: Db, invoice: string): Promise<FailedTry[]> {
  return rows<FailedTry>(
    db,
    `SELECT at, code, reason, advice_code, network_advice_code, requires_action
     FROM subscription_payment_attempts WHERE invoice = ? ORDER BY at, id`,
    [invoice],
  );
}

async function madeRetriesOf(db: Db, invoice: string): Promise<MadeRetry[]> {
  return rows<MadeRetry>(
    db,
    `SELECT at, why, state, asked_by, said FROM recovery_retries WHERE invoice = ?
     ORDER BY at, recovery_retries.id`,
    [invoice],
  );
}

async function sentLettersOf(db: Db, invoice: string): Promise<SentLetter[]> {
  return rows<SentLetter>(
    db,
    `SELECT l.at, l.kind, m.id::text AS message, m.state AS message_state
     FROM recovery_letters l LEFT JOIN messages m ON m.dedupe_key = l.message_key WHERE l.invoice = ? ORDER BY l.at, l.id`,
    [invoice],
  );
}
