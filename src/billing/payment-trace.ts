import { type Db, firstRow, rows } from '../platform/db.ts';

/** Reads the story of one payment, or of one event, for people: the command line and the console show it. */
export interface PaymentTrace {
  readonly payment_intent: string;
  readonly status: string | null;
  /** Minor units of `currency`. */
  readonly amount_received: number | null;
  readonly currency: string | null;
  readonly paid_at: Date | null;
  readonly verdict: string | null;
  readonly reason: string | null;
  readonly disputed_since: Date | null;
  readonly invoices: readonly TracedInvoice[];
  readonly adjustments: readonly TracedAdjustment[];
  /** In the order in which they arrived. */
  readonly events: readonly TracedEvent[];
  readonly questions: readonly TracedQuestion[];
  /** The own invoice that it settled. */
  readonly own_invoice: { readonly id: string; readonly number: string | null } | null;
}

export interface TracedInvoice {
  readonly step: string;
  readonly number: string | null;
  readonly stripe_invoice: string | null;
  readonly settlement: string | null;
  /** Minor units of `currency`. */
  readonly total: number;
  readonly currency: string;
  /** The credit note that it takes back, if it is no invoice of the payment itself. */
  readonly reverses: string | null;
}

export interface TracedAdjustment {
  readonly id: string;
  readonly kind: string;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  readonly decision: string;
  readonly reason: string;
  readonly happened_at: Date;
  /** Null: no credit note was begun. */
  readonly note: TracedNote | null;
}

export interface TracedNote {
  readonly number: string | null;
  readonly stripe_credit_note: string | null;
  readonly amount: number;
  /** The invoice that takes it back. */
  readonly reversed_by: string | null;
}

export interface TracedEvent {
  readonly id: string;
  readonly type: string;
  readonly received_at: Date;
  /** Null: not done yet. */
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly attempts: number;
  readonly last_error: string | null;
  readonly payment_intent: string | null;
  readonly subscription: string | null;
}

export interface TracedQuestion {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
  readonly summary: string;
}

/** @returns undefined when nothing is known of this payment */
export async function tracePayment(db: Db, intent: string): Promise<PaymentTrace | undefined> {
  const payment = await firstRow<
    Omit<PaymentTrace, 'invoices' | 'adjustments' | 'events' | 'questions' | 'own_invoice'>
  >(
    db,
    `SELECT payment_intent, status, amount_received, currency, paid_at, verdict,
            CASE WHEN verdict = 'review' THEN coalesce(parked_for, reason) ELSE reason END AS reason, disputed_since
     FROM payments WHERE payment_intent = ?`,
    [intent],
  );
  if (!payment) return undefined;
  const [invoices, adjustments, events, questions, own] = await Promise.all([
    rows<TracedInvoice>(
      db,
      `SELECT step, number, stripe_invoice, settlement, total, currency, reverses FROM payment_invoices
       WHERE payment_intent = ? ORDER BY id`,
      [intent],
    ),
    rows<TracedAdjustment>(
      db,
      `SELECT a.id, kind, a.amount, a.currency, status, decision, reason, happened_at,
              CASE WHEN n.id IS NOT NULL THEN json_build_object('number', n.number, 'stripe_credit_note',
                n.stripe_credit_note, 'amount', n.amount, 'reversed_by', n.reversed_by) END AS note
       FROM adjustments a LEFT JOIN credit_notes n ON n.adjustment = a.id
       WHERE a.payment_intent = ? ORDER BY happened_at, a.id`,
      [intent],
    ),
    rows<TracedEvent>(
      db,
      `SELECT ${EVENT_COLUMNS} FROM stripe_events WHERE payment_intent = ? ORDER BY received_at, id`,
      [intent],
    ),
    rows<TracedQuestion>(
      db,
      `SELECT id, kind, state, summary FROM review_items
       WHERE subject IN (SELECT :intent UNION ALL SELECT id FROM adjustments WHERE payment_intent = :intent
                         UNION ALL SELECT id FROM stripe_events WHERE payment_intent = :intent) ORDER BY id`,
      { intent },
    ),
    firstRow<{ id: string; number: string | null }>(db, 'SELECT id, number FROM invoices WHERE payment_intent = ?', [
      intent,
    ]),
  ]);
  return { ...payment, invoices, adjustments, events, questions, own_invoice: own ?? null };
}

/**
 * The payment that an id leads to: of an event, a refund or a dispute, or the payment itself.
 * @returns null when it leads to none (yet); undefined when nothing is known of the id
 */
export async function paymentNamedBy(db: Db, id: string): Promise<string | null | undefined> {
  if (id.startsWith('pi_')) return id;
  const table = id.startsWith('evt_') ? 'stripe_events' : 'adjustments';
  const row = await firstRow<{ payment_intent: string | null }>(
    db,
    `SELECT payment_intent FROM ${table} WHERE id = ?`,
    [id],
  );
  return row?.payment_intent;
}

export const EVENT_COLUMNS =
  'id, type, received_at, outcome, reason, attempts, last_error, payment_intent, subscription';

export async function traceEvent(db: Db, id: string): Promise<TracedEvent | undefined> {
  return firstRow<TracedEvent>(db, `SELECT ${EVENT_COLUMNS} FROM stripe_events WHERE id = ?`, [id]);
}

export interface TracedAttempt {
  readonly worker: string;
  readonly started_at: Date;
  readonly duration_ms: number | null;
  /** Null: still running, or the worker died. */
  readonly ended: string | null;
  readonly stripe_calls: number | null;
  readonly note: string | null;
}

/** Oldest first. */
export async function attemptsOfEvent(db: Db, id: string): Promise<TracedAttempt[]> {
  return rows<TracedAttempt>(
    db,
    `SELECT worker, started_at, duration_ms, ended, stripe_calls, note FROM event_attempts
     WHERE event_id = ? ORDER BY id`,
    [id],
  );
}
