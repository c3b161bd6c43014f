import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { InvoiceLine, SubscriptionInvoice } from './subscription.ts';

/** The tables `subscription_invoices` and `subscription_invoice_lines`: mirrors of what Stripe makes for subscriptions. */
interface InvoiceRow {
  readonly id: string;
  readonly subscription: string;
  readonly number: string | null;
  readonly status: SubscriptionInvoice['status'];
  readonly billing_reason: string | null;
  readonly collection_method: SubscriptionInvoice['collectionMethod'];
  readonly currency: string;
  readonly total: number;
  readonly amount_due: number;
  readonly amount_paid: number;
  readonly amount_remaining: number;
  readonly amount_off_stripe: number | null;
  readonly attempt_count: number;
  readonly auto_advance: boolean | null;
  readonly next_payment_attempt: Date | null;
  readonly due_date: Date | null;
  readonly hosted_invoice_url: string | null;
  readonly created: Date;
  readonly finalized_at: Date | null;
  readonly paid_at: Date | null;
}

interface LineRow {
  readonly id: string;
  readonly invoice: string;
  readonly item: string | null;
  readonly price: string | null;
  readonly quantity: number | null;
  readonly amount: number;
  readonly proration: boolean;
  readonly period_start: Date;
  readonly period_end: Date;
}

/** @param from when Stripe was asked. @returns false when somebody knows more */
export async function writeInvoice(trx: Knex.Transaction, invoice: SubscriptionInvoice, from: Date): Promise<boolean> {
  const { lines, ...plain } = invoice;
  const written = await firstRow(
    trx,
    `INSERT INTO subscription_invoices (
       id, subscription, number, status, billing_reason, collection_method, currency, total, amount_due, amount_paid,
       amount_remaining, attempt_count, next_payment_attempt, due_date, hosted_invoice_url, created, finalized_at, paid_at,
       synced_from, amount_off_stripe, auto_advance)
     VALUES (
       :id, :subscription, :number, :status, :billingReason, :collectionMethod, :currency, :total, :amountDue, :amountPaid,
       :amountRemaining, :attemptCount, :nextPaymentAttempt, :dueDate, :hostedInvoiceUrl, :created, :finalizedAt, :paidAt,
       :from, :amountOffStripe, :autoAdvance)
     ON CONFLICT ON CONSTRAINT subscription_invoices_once DO UPDATE SET
       number = excluded.number, status = excluded.status, billing_reason = excluded.billing_reason,
       collection_method = excluded.collection_method, total = excluded.total, amount_due = excluded.amount_due,
       amount_paid = excluded.amount_paid, amount_remaining = excluded.amount_remaining,
       attempt_count = excluded.attempt_count, next_payment_attempt = excluded.next_payment_attempt,
       due_date = excluded.due_date, hosted_invoice_url = excluded.hosted_invoice_url, finalized_at = excluded.finalized_at,
       paid_at = excluded.paid_at, synced_from = excluded.synced_from, amount_off_stripe = excluded.amount_off_stripe,
       auto_advance = excluded.auto_advance
     WHERE subscription_invoices.synced_from <= excluded.synced_from
     RETURNING id`,
    { ...plain, from },
  );
  if (!written) return false;
  await writeLines(trx, invoice.id, lines);
  return true;
}

async function writeLines(trx: Knex.Transaction, invoice: string, lines: readonly InvoiceLine[]): Promise<void> {
  await rows(trx, 'DELETE FROM subscription_invoice_lines WHERE invoice = ?', [invoice]);
  for (const line of lines) {
    await rows(
      trx,
      `INSERT INTO subscription_invoice_lines (id, invoice, item, price, quantity, amount, proration, period_start, period_end)
       VALUES (:id, :invoice, :item, :price, :quantity, :amount, :proration, :periodStart, :periodEnd)`,
      { ...line, invoice },
    );
  }
}

/** Latest first; as many as a decision about today may need. */
export async function invoicesOf(db: Db | Knex.Transaction, subscription: string): Promise<SubscriptionInvoice[]> {
  const found = await rows<InvoiceRow>(
    db,
    `SELECT id, subscription, number, status, billing_reason, collection_method, currency, total, amount_due, amount_paid,
            amount_remaining, amount_off_stripe, attempt_count, auto_advance, next_payment_attempt, due_date,
            hosted_invoice_url, created, finalized_at, paid_at
     FROM subscription_invoices WHERE subscription = ? ORDER BY created DESC, id DESC LIMIT 60`,
    [subscription],
  );
  const lines = await rows<LineRow>(
    db,
    `SELECT id, invoice, item, price, quantity, amount, proration, period_start, period_end
     FROM subscription_invoice_lines WHERE invoice = ANY(?) ORDER BY id`,
    [found.map(({ id }) => id)],
  );
  const ofInvoice = Map.groupBy(lines, ({ invoice }) => invoice);
  return found.map((row) => invoiceOfRow(row, ofInvoice.get(row.id) ?? []));
}

function invoiceOfRow(row: InvoiceRow, lines: readonly LineRow[]): SubscriptionInvoice {
  return {
    id: row.id,
    subscription: row.subscription,
    number: row.number,
    status: row.status,
    billingReason: row.billing_reason,
    collectionMethod: row.collection_method,
    currency: row.currency,
    total: row.total,
    amountDue: row.amount_due,
    amountPaid: row.amount_paid,
    amountRemaining: row.amount_remaining,
    amountOffStripe: row.amount_off_stripe,
    attemptCount: row.attempt_count,
    autoAdvance: row.auto_advance,
    nextPaymentAttempt: row.next_payment_attempt,
    dueDate: row.due_date,
    hostedInvoiceUrl: row.hosted_invoice_url,
    created: row.created,
    finalizedAt: row.finalized_at,
    paidAt: row.paid_at,
    lines: lines.map(({ invoice: _, period_start: periodStart, period_end: periodEnd, ...line }) => ({
      ...line,
      periodStart,
      periodEnd,
    })),
  };
}

/** Invoices whose payment has gone back: refunded in full, or lost in a dispute. */
export async function takenBackInvoices(
  trx: Knex.Transaction,
  subscription: string,
  ends: { readonly fullRefund: boolean; readonly lostDispute: boolean },
): Promise<Set<string>> {
  const found = await rows<{ id: string }>(
    trx,
    `SELECT i.id FROM subscription_invoices i JOIN payments p ON p.account = '' AND p.foreign_invoice = i.id
     JOIN adjustments a ON a.account = '' AND a.payment_intent = p.payment_intent
     WHERE i.subscription = :subscription
     GROUP BY i.id, p.payment_intent, p.amount_received
     HAVING (:fullRefund AND sum(a.amount) FILTER (WHERE a.kind = 'refund' AND a.status = 'succeeded') >= p.amount_received)
         OR (:lostDispute AND bool_or(a.kind = 'dispute' AND a.status = 'lost'))`,
    { subscription, ...ends },
  );
  return new Set(found.map(({ id }) => id));
}

/** Whether a person had the payment of an invoice refunded, and the refund has failed since. */
export async function refundedInVain(trx: Knex.Transaction, invoice: string): Promise<boolean> {
  const failed = await firstRow(
    trx,
    `SELECT FROM payments p JOIN adjustments a ON a.account = '' AND a.payment_intent = p.payment_intent
     WHERE p.account = '' AND p.foreign_invoice = :invoice AND a.kind = 'refund' AND a.status IN ('failed', 'canceled')
       AND a.updated_at > (
         SELECT closed_at FROM review_items WHERE kind = 'payment_after_end' AND subject = :invoice
           AND id = (SELECT max(id) FROM review_items WHERE kind = 'payment_after_end' AND subject = :invoice)
           AND decision = 'refund_payment')
     LIMIT 1`,
    { invoice },
  );
  return failed !== undefined;
}

/** The subscription whose invoice a payment has paid. */
export async function subscriptionPaidBy(trx: Knex.Transaction, payment: string): Promise<string | undefined> {
  const row = await firstRow<{ subscription: string }>(
    trx,
    `SELECT subscription FROM payments JOIN subscription_invoices i ON i.id = foreign_invoice
     WHERE account = '' AND payment_intent = ?`,
    [payment],
  );
  return row?.subscription;
}
