import type { Knex } from 'knex';
import type { Db } from '../../platform/db.ts';
import { formatMoney } from '../../platform/money.ts';
import type { DocumentOfPayment } from '../../stripe/our-documents.ts';
import { askPersonOnce } from '../desk/review-items.ts';

/**
 * An invoice of ours is open at Stripe for the moment between its last two steps, or longer when a worker died there, and has
 * a page where it can be paid. Who pays it there has paid twice: its payment was received before it was made. The money is not
 * ours to keep without a word, nor to send back by ourselves.
 * @returns whether the question is open now: a decision holds
 */
export async function askAboutSecondPayment(
  db: Db | Knex.Transaction,
  payment: string,
  { invoice, number, madeFor, overpaid, currency }: DocumentOfPayment,
): Promise<boolean> {
  const credited =
    overpaid > 0
      ? ` Stripe has also put ${formatMoney({ amount: overpaid, currency })} on the balance of the invoice's customer: take it from there if you refund.`
      : '';
  return askPersonOnce(db, {
    kind: 'document_paid_again',
    subject: payment,
    summary: `Payment ${payment} has paid invoice ${number ?? invoice} at Stripe, which documents payment ${madeFor}: the customer has paid twice. Refund it as a duplicate, or keep it and settle with the customer.${credited}`,
    details: { invoice, documents: madeFor },
  });
}
