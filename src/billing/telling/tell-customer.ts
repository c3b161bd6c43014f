import type { Knex } from 'knex';
import { dayIn } from '../../platform/business-day.ts';
import { firstRow } from '../../platform/db.ts';
import { boughtWith } from '../access/bought.ts';
import { isGranted } from '../access/grants.ts';
import { findPurchase } from '../access/purchases.ts';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { accessGranted } from '../letters/access-granted.ts';
import { invoiceIssued } from '../letters/invoice-issued.ts';
import { paymentFailed } from '../letters/payment-failed.ts';
import { receipt } from '../letters/receipt.ts';
import { findInvoice } from '../own-invoices/invoices.ts';
import { TELL_CUSTOMERS_WITHIN } from './tell-within.ts';

/** An own invoice goes to its customer if whoever issued it wanted that, and its receipt whenever there is an address. */
export async function mailOwnInvoice(
  trx: Knex.Transaction,
  { id, turned }: Changed<'own_invoice'>,
  { tell }: Circumstances,
): Promise<void> {
  const invoice = turned && (await findInvoice(trx, id));
  if (!invoice) return;
  const { customer_email: email, issued_at, paid_at } = invoice;
  if (turned === 'issued' && invoice.send_by_mail && email && issued_at) {
    const happened = { at: issued_at, tellWithin: TELL_CUSTOMERS_WITHIN.invoice_issued };
    await tell.letter(invoiceIssued, { invoice: id }, { to: email, key: `invoice_issued:${id}` }, happened);
  }
  const payer = email ?? invoice.payer_email;
  if (turned === 'paid' && payer && paid_at) {
    const data = { invoice: id, ...(invoice.paid_method ? { method: invoice.paid_method } : {}) };
    const happened = { at: paid_at, tellWithin: TELL_CUSTOMERS_WITHIN.receipt };
    await tell.letter(receipt, data, { to: payer, key: `receipt:${id}` }, happened);
  }
}

/** Once a day at the most, and only as long as there is something to try again. */
export async function mailFailedAttempt(
  trx: Knex.Transaction,
  { id, turned }: Changed<'payment_attempt'>,
  { tell, timeZone }: Circumstances,
): Promise<void> {
  if (turned !== 'failed') return;
  const attempt = await firstRow<{ invoice: string; words: string; at: Date; email: string | null; today: Date }>(
    trx,
    `SELECT invoice, text AS words, at, customer_email AS email, now() AS today
     FROM payment_log JOIN invoices ON invoices.id = invoice
     WHERE payment_log.id = ? AND status = 'issued'`,
    [id],
  );
  if (!attempt?.email) return;
  const { invoice, words, at, email, today } = attempt;
  const key = `payment_failed:${invoice}:${dayIn(timeZone, today)}`;
  const happened = { at, tellWithin: TELL_CUSTOMERS_WITHIN.payment_failed };
  await tell.letter(paymentFailed, { invoice, words }, { to: email, key }, happened);
}

/** Once for what was bought, as soon as it is known whose it is; not when it comes back after a refund that failed. */
export async function mailAccessGranted(
  trx: Knex.Transaction,
  { id, turned }: Changed<'payment'>,
  { tell, rules: { access } }: Circumstances,
): Promise<void> {
  if (turned !== 'paid' || !access.letter.access_granted) return;
  const purchase = await findPurchase(trx, id);
  if (!purchase?.email || !(await isGranted(trx, `payment:${id}`))) return;
  const bought = [...new Set(boughtWith(purchase, access).map(({ name }) => name))];
  const { link } = access.letter;
  const happened = { at: purchase.paidAt, tellWithin: TELL_CUSTOMERS_WITHIN.access_granted };
  const data = { payment: id, bought, ...(link ? { link } : {}) };
  await tell.letter(accessGranted, data, { to: purchase.email, key: `access_granted:${id}` }, happened);
}
