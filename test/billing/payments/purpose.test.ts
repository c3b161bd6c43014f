import { expect, test } from 'vitest';
import { type PurposeAtStripe, purposeAtStripe } from '../../../src/billing/payments/purpose.ts';
import { checkoutSession, invoiceCreation, payment } from '../../support/stripe-objects.ts';

/** Who claims a payment, by what Stripe says of it: the first that does. */
const document = (madeFor: string) => ({
  invoice: `in_of_${madeFor}`,
  number: 'A-0001',
  madeFor,
  overpaid: 0,
  currency: 'eur',
});
const own = document('pi_1');
const other = document('pi_2');
const invoicing = checkoutSession({ invoice_creation: invoiceCreation });

test.each<[string, Parameters<typeof payment>[0], PurposeAtStripe]>([
  ['nothing but money', {}, { of: 'sale' }],
  ['a checkout', { session: checkoutSession() }, { of: 'sale' }],
  [
    'a subscription',
    { session: checkoutSession({ mode: 'subscription' }) },
    { of: 'invoiced_checkout', reason: 'it was paid in a subscription checkout, which Stripe invoices itself' },
  ],
  [
    'a checkout with invoice_creation',
    { session: invoicing },
    { of: 'invoiced_checkout', reason: 'the checkout session has invoice_creation: Stripe makes the invoice' },
  ],
  [
    'an invoice of Stripe',
    { invoices: ['in_theirs'], session: invoicing },
    { of: 'stripe_invoice', invoice: 'in_theirs' },
  ],
  [
    'its own document',
    { invoices: [own.invoice], documents: [own], session: invoicing },
    { of: 'document', document: own, again: false },
  ],
  [
    'the document of another',
    { invoices: [other.invoice], documents: [other] },
    { of: 'document', document: other, again: true },
  ],
  [
    'both, in whatever order',
    { invoices: [other.invoice, own.invoice], documents: [other, own] },
    { of: 'document', document: own, again: false },
  ],
  [
    'its own document and an invoice of Stripe',
    { invoices: [own.invoice, 'in_theirs'], documents: [own] },
    { of: 'stripe_invoice', invoice: 'in_theirs' },
  ],
])('%s', (_what, parts, purpose) => {
  expect(purposeAtStripe(payment(parts))).toEqual(purpose);
});
