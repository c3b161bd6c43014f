import type { Knex } from 'knex';
import { firstRow } from '../../platform/db.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { TELL_SYSTEMS_WITHIN } from './tell-within.ts';

/** What the business's own systems are told. Of questions the desk tells them itself. */

interface IssuedDocument {
  readonly key: string;
  readonly at: Date;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The Stripe invoice of a payment, or the one that takes a credit note back. */
export async function tellOfPaymentInvoice(
  trx: Knex.Transaction,
  { id, turned }: Changed<'payment_invoice'>,
  { tell }: Circumstances,
): Promise<void> {
  if (!turned) return;
  const issued = await firstRow<IssuedDocument>(
    trx,
    `SELECT stripe_invoice AS key, paid_at AS at, jsonb_build_object(
              'document', CASE WHEN reverses IS NULL THEN 'invoice' ELSE 'reversal_invoice' END,
              'id', stripe_invoice, 'number', number, 'payment_intent', payment_intent, 'amount', total,
              'currency', currency, 'url', hosted_invoice_url, 'pdf', invoice_pdf)
            || CASE WHEN reverses IS NULL THEN '{}' ELSE jsonb_build_object('reverses', reverses) END AS data
     FROM payment_invoices WHERE id = ? AND step = 'paid'`,
    [id],
  );
  if (issued) await tellOfDocument(issued, tell);
}

export async function tellOfCreditNote(
  trx: Knex.Transaction,
  { id, turned }: Changed<'credit_note'>,
  { tell }: Circumstances,
): Promise<void> {
  if (!turned) return;
  const issued = await firstRow<IssuedDocument>(
    trx,
    `SELECT stripe_credit_note AS key, issued_at AS at, jsonb_build_object(
              'document', 'credit_note', 'id', stripe_credit_note, 'number', number, 'payment_intent', payment_intent,
              'invoice', stripe_invoice, 'adjustment', adjustment, 'amount', amount, 'currency', currency, 'pdf', pdf) AS data
     FROM credit_notes WHERE id = ? AND stripe_credit_note IS NOT NULL`,
    [id],
  );
  if (issued) await tellOfDocument(issued, tell);
}

async function tellOfDocument({ key, at, data }: IssuedDocument, tell: Circumstances['tell']): Promise<void> {
  await tell.event({ type: 'document.created', key, data }, { at, tellWithin: TELL_SYSTEMS_WITHIN });
}

export async function tellOfOwnInvoice(
  trx: Knex.Transaction,
  { id, turned }: Changed<'own_invoice'>,
  { tell }: Circumstances,
): Promise<void> {
  if (turned !== 'paid') return;
  const paid = await firstRow<{
    number: string;
    payment_intent: string;
    paid_at: Date;
    amount: number;
    currency: string;
  }>(
    trx,
    `SELECT number, payment_intent, paid_at, paid_amount AS amount, currency FROM invoices WHERE id = ? AND status = 'paid'`,
    [id],
  );
  if (!paid) return;
  const data = { invoice: id, ...paid, paid_at: paid.paid_at.toISOString() };
  await tell.event({ type: 'invoice.paid', key: id, data }, { at: paid.paid_at, tellWithin: TELL_SYSTEMS_WITHIN });
}

export async function tellOfFailedAttempt(
  trx: Knex.Transaction,
  { id, turned }: Changed<'payment_attempt'>,
  { tell }: Circumstances,
): Promise<void> {
  if (!turned) return;
  const failed = await firstRow<{ key: string; at: Date; data: Readonly<Record<string, unknown>> }>(
    trx,
    `SELECT key, at, jsonb_build_object('invoice', invoice, 'number', number, 'payment_intent', payment_log.payment_intent,
              'reason', text, 'amount', amount, 'currency', payment_log.currency) AS data
     FROM payment_log JOIN invoices ON invoices.id = invoice WHERE payment_log.id = ? AND kind = 'attempt_failed'`,
    [id],
  );
  if (!failed) return;
  const { key, at, data } = failed;
  await tell.event({ type: 'payment.failed', key, data }, { at, tellWithin: TELL_SYSTEMS_WITHIN });
}
