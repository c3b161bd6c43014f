import { type Db, firstRow, rows } from '../../platform/db.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Executor } from './invoices.ts';

/** The table `payment_log`: what happened about the payment of an own invoice, each thing once. */
export type LogKind = 'session_opened' | 'attempt_failed' | 'processing' | 'paid' | 'mismatch' | 'unapplied' | 'refund';

export interface LogEntry {
  readonly invoice: string;
  readonly kind: LogKind;
  /** What makes it one and the same entry: a session, a charge, a payment, a refund. */
  readonly key: string;
  /** In words that a customer could be told. */
  readonly text: string;
  /** Minor units of `currency`. */
  readonly amount?: number;
  readonly currency?: string;
  readonly paymentIntent?: string;
  readonly session?: string;
  /** When it happened, if that was not just now. */
  readonly at?: Date;
}

/** @returns its id when it is new */
export async function logPayment(trx: Executor, entry: LogEntry): Promise<string | undefined> {
  const row = await firstRow<{ id: string }>(
    trx,
    `INSERT INTO payment_log (invoice, kind, key, at, text, amount, currency, payment_intent, stripe_session)
     VALUES (:invoice, :kind, :key, coalesce(:at, now()), :text, :amount, :currency, :intent, :session)
     ON CONFLICT ON CONSTRAINT payment_log_once DO NOTHING RETURNING cast(id AS text) AS id`,
    {
      invoice: entry.invoice,
      kind: entry.kind,
      key: entry.key,
      at: entry.at ?? null,
      text: entry.text,
      amount: entry.amount ?? null,
      currency: entry.currency ?? null,
      intent: entry.paymentIntent ?? null,
      session: entry.session ?? null,
    },
  );
  return row?.id;
}

export interface TakenBack {
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
}

/** A refund or lost dispute of a payment that an own invoice's log knows of is noted there too, once. */
export async function noteRefundOfOwnInvoice(db: Db, taken: TakenBack, paymentIntent: string): Promise<void> {
  const { id, kind, status, amount, currency } = taken;
  if (kind === 'refund' ? status !== 'succeeded' : status !== 'lost') return;
  const of = await firstRow<{ invoice: string }>(
    db,
    `SELECT invoice FROM payment_log WHERE payment_intent = ? AND kind IN ('paid', 'unapplied', 'mismatch') LIMIT 1`,
    [paymentIntent],
  );
  if (!of) return;
  const money = formatMoney({ amount, currency });
  const text = kind === 'refund' ? `Refunded ${money}.` : `The bank took back ${money} after a dispute.`;
  await logPayment(db, { invoice: of.invoice, kind: 'refund', key: id, amount, currency, paymentIntent, text });
}

export interface LogRow {
  readonly at: Date;
  readonly kind: LogKind;
  readonly text: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly payment_intent: string | null;
  readonly stripe_session: string | null;
}

/**
 * Oldest first. Stripe tells times in whole seconds, and an event of a failed attempt may come late: within one second the
 * attempts stand before what ended them.
 */
export async function paymentLogOf(db: Db, invoice: string): Promise<LogRow[]> {
  return rows<LogRow>(
    db,
    `SELECT at, kind, text, amount, currency, payment_intent, stripe_session FROM payment_log
     WHERE invoice = ? ORDER BY date_trunc('second', at), kind NOT IN ('session_opened', 'attempt_failed'), id`,
    [invoice],
  );
}
