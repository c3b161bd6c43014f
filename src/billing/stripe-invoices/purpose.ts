import type { Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import type { Confirmation } from '../own-invoices/confirm-checkout.ts';
import { followOwnInvoice } from '../own-invoices/follow-own-invoice.ts';
import type { MoneyArrival } from '../payments/money-arrival.ts';
import { type PurposeAtStripe, purposeAtStripe } from '../payments/purpose.ts';

/** Who claims a payment: decided here, and nowhere else. A feature that payments are made for joins with a line. */
export type Purpose = { readonly of: 'own_invoice'; readonly end: Confirmation } | PurposeAtStripe;

/** The first that claims it. An own invoice is confirmed on the way, whatever becomes of the payment. */
export async function purposeOf(payment: Payment, deps: Deps, arrival: MoneyArrival): Promise<Purpose> {
  const end = await followOwnInvoice(payment, deps, arrival);
  return end ? { of: 'own_invoice', end } : purposeAtStripe(payment);
}

export function ownInvoiceOf(purpose: Purpose): Confirmation | undefined {
  return purpose.of === 'own_invoice' ? purpose.end : undefined;
}
