import type { Knex } from 'knex';
import { dayIn } from '../../platform/business-day.ts';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import type { InvoiceInput } from './invoice-input.ts';
import { amountsOf, type InvoiceAmounts, type PricedLine } from './invoice-total.ts';
import { newInvoiceId } from './public-link.ts';

/** The tables `invoices`, `invoice_lines` and `invoice_series`: the business's own invoices. */
export type InvoiceStatus = 'draft' | 'issued' | 'paid' | 'void';

export interface InvoiceRow {
  readonly id: string;
  readonly status: InvoiceStatus;
  /** Null while a draft is to be numbered in the year in which it is issued. */
  readonly series: string | null;
  readonly number: string | null;
  readonly customer_name: string;
  readonly customer_email: string | null;
  readonly customer_address: string | null;
  readonly currency: string;
  readonly prices_include_tax: boolean;
  /** A day, `2026-12-31`. */
  readonly due_date: string | null;
  readonly notes: string | null;
  readonly link_version: number;
  readonly issued_at: Date | null;
  readonly paid_at: Date | null;
  /** Minor units. */
  readonly paid_amount: number | null;
  readonly paid_extras: readonly number[] | null;
  readonly payment_intent: string | null;
  /** How it was paid, for the customer, e.g. `by card`; null when that is not known. */
  readonly paid_method: string | null;
  /** As given on the payment page. */
  readonly payer_email: string | null;
  /** Whether whoever issued it wanted the customer to get it by mail. */
  readonly send_by_mail: boolean;
  readonly voided_at: Date | null;
  readonly created_by: string;
  readonly created_at: Date;
}

export interface InvoiceLineRow extends PricedLine {
  readonly description: string;
}

export interface OwnInvoice extends InvoiceRow {
  readonly lines: readonly InvoiceLineRow[];
}

export type Executor = Db | Knex.Transaction;

export const INVOICE_COLUMNS = `id, status, CASE WHEN status <> 'draft' OR NOT series_by_year THEN series END AS series, number, customer_name, customer_email, customer_address, currency, prices_include_tax,
  to_char(due_date, 'YYYY-MM-DD') AS due_date, notes, link_version, issued_at, paid_at, paid_amount, paid_extras,
  payment_intent, paid_method, payer_email, send_by_mail, voided_at, created_by, created_at`;

/** @param lock keep others from changing it until the transaction ends */
export async function findInvoice(db: Executor, id: string, { lock = false } = {}): Promise<OwnInvoice | undefined> {
  const row = await firstRow<InvoiceRow>(
    db,
    `SELECT ${INVOICE_COLUMNS} FROM invoices WHERE id = ? ${lock ? 'FOR UPDATE' : ''}`,
    [id],
  );
  return row ? { ...row, lines: (await linesOfInvoices(db, [id])).get(id) ?? [] } : undefined;
}

/** By invoice, in their order. */
export async function linesOfInvoices(
  db: Executor,
  invoices: readonly string[],
): Promise<Map<string, InvoiceLineRow[]>> {
  const lines = await rows<InvoiceLineRow & { invoice: string }>(
    db,
    `SELECT invoice, id, description, quantity, unit_amount, optional,
            CASE WHEN tax_percent > 0 OR tax_stated THEN trim_scale(tax_percent)::text END AS tax_percent
     FROM invoice_lines WHERE invoice = ANY(:invoices) ORDER BY invoice, position`,
    { invoices: [...invoices] },
  );
  const byInvoice = new Map<string, InvoiceLineRow[]>();
  for (const { invoice, ...line } of lines) byInvoice.set(invoice, [...(byInvoice.get(invoice) ?? []), line]);
  return byInvoice;
}

/** What the invoice comes to with these extras ticked; for a paid one, with those that were paid. */
export function amountsOfInvoice(
  invoice: OwnInvoice,
  ticked: readonly number[] = invoice.paid_extras ?? [],
): InvoiceAmounts {
  return amountsOf(invoice.lines, invoice.prices_include_tax, ticked);
}

/** @param today of the business: its year is the series until the draft is issued, unless one is given */
export async function insertDraft(
  trx: Executor,
  input: InvoiceInput,
  createdBy: string,
  today: string,
): Promise<string> {
  const id = newInvoiceId();
  await rows(
    trx,
    `INSERT INTO invoices (id, series, series_by_year, customer_name, customer_email, customer_address, currency, prices_include_tax, due_date, notes, created_by)
     VALUES (:id, :series, :byYear, :name, :email, :address, :currency, :inclusive, :due, :notes, :by)`,
    { ...bindings(input, today), id, by: createdBy },
  );
  await insertLines(trx, id, input);
  return id;
}

/** @returns whether there was such a draft */
export async function updateDraft(trx: Executor, id: string, input: InvoiceInput, today: string): Promise<boolean> {
  const row = await firstRow(
    trx,
    `UPDATE invoices SET series = :series, series_by_year = :byYear, customer_name = :name, customer_email = :email, customer_address = :address,
            currency = :currency, prices_include_tax = :inclusive, due_date = :due, notes = :notes, updated_at = now()
     WHERE id = :id AND status = 'draft' RETURNING id`,
    { ...bindings(input, today), id },
  );
  if (!row) return false;
  await rows(trx, 'DELETE FROM invoice_lines WHERE invoice = ?', [id]);
  await insertLines(trx, id, input);
  return true;
}

function bindings(input: InvoiceInput, today: string) {
  return {
    // A release that knows no `series_by_year` would number it in this one.
    series: input.series ?? yearOf(today),
    byYear: input.series === undefined,
    name: input.customer_name,
    email: input.customer_email ?? null,
    address: input.customer_address || null,
    currency: input.currency,
    inclusive: input.prices_include_tax,
    due: input.due_date ?? null,
    notes: input.notes || null,
  };
}

async function insertLines(trx: Executor, id: string, { lines }: InvoiceInput): Promise<void> {
  for (const [position, line] of lines.entries()) {
    await rows(
      trx,
      `INSERT INTO invoice_lines (invoice, position, description, quantity, unit_amount, tax_percent, tax_stated, optional)
       VALUES (:id, :position, :description, :quantity, :unit_amount, coalesce(:tax_percent::numeric, 0), :tax_stated, :optional)`,
      { id, position, ...line, tax_stated: line.tax_percent !== null },
    );
  }
}

function yearOf(day: string): string {
  return day.slice(0, 4);
}

/**
 * Gives the draft the next number of its series, or of the year in which it is issued. The row of the series is locked until
 * the transaction ends: no gaps. Day and year of the document are of one and the same moment.
 */
export async function numberAndIssue(
  trx: Knex.Transaction,
  { id, series: given }: InvoiceRow,
  at: Date,
  timeZone: string,
  sendByMail = false,
): Promise<string> {
  const series = given ?? yearOf(dayIn(timeZone, at));
  const counted = await firstRow<{ last: number }>(
    trx,
    `INSERT INTO invoice_series (series, last) VALUES (?, 1)
     ON CONFLICT (series) DO UPDATE SET last = invoice_series.last + 1 RETURNING last`,
    [series],
  );
  const number = `${series}-${String(counted?.last ?? bug('no invoice number')).padStart(5, '0')}`;
  await rows(
    trx,
    `UPDATE invoices SET status = 'issued', series = :series, number = :number, issued_at = :at, send_by_mail = :sendByMail,
            updated_at = now()
     WHERE id = :id`,
    { series, number, at, id, sendByMail },
  );
  return number;
}

export async function markVoid(trx: Knex.Transaction, id: string): Promise<void> {
  await rows(trx, `UPDATE invoices SET status = 'void', voided_at = now(), updated_at = now() WHERE id = ?`, [id]);
}

export async function rotateLink(db: Executor, id: string): Promise<void> {
  await rows(db, 'UPDATE invoices SET link_version = link_version + 1, updated_at = now() WHERE id = ?', [id]);
}

export interface PaidWith {
  readonly paymentIntent: string;
  readonly amount: number;
  readonly extras: readonly number[];
  readonly paidAt: Date;
  readonly method?: string | undefined;
  readonly payerEmail?: string | undefined;
}

/** The invoice must be locked by the caller. A payment that settled another invoice violates `invoices_payment_once`. */
export async function markPaid(trx: Knex.Transaction, id: string, paid: PaidWith): Promise<void> {
  await rows(
    trx,
    `UPDATE invoices SET status = 'paid', payment_intent = :paymentIntent, paid_amount = :amount, paid_extras = :extras,
            paid_at = :paidAt, paid_method = :method, payer_email = :payerEmail, updated_at = now() WHERE id = :id AND status = 'issued'`,
    {
      id,
      paymentIntent: paid.paymentIntent,
      amount: paid.amount,
      extras: JSON.stringify(paid.extras),
      paidAt: paid.paidAt,
      method: paid.method ?? null,
      payerEmail: paid.payerEmail ?? null,
    },
  );
}

export async function invoiceSettledBy(db: Executor, paymentIntent: string): Promise<InvoiceRow | undefined> {
  return firstRow<InvoiceRow>(db, `SELECT ${INVOICE_COLUMNS} FROM invoices WHERE payment_intent = ?`, [paymentIntent]);
}
