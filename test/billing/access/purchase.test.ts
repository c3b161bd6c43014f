import { describe, expect, test } from 'vitest';
import { purchaseOf } from '../../../src/billing/access/purchase.ts';
import { checkoutSession, customer, lineItem, paidAt, payment, paymentIntent } from '../../support/stripe-objects.ts';

/** What was bought with a payment, and who said to have bought it. */
type Says = NonNullable<Parameters<typeof payment>[0]>;
const documentOf = (madeFor: string) => ({ invoice: 'in_1', madeFor, number: 'A-1', overpaid: 0, currency: 'eur' });
const bought = (says: Says) => purchaseOf(payment(says), paidAt);

test('a checkout is told whole', () => {
  const session = checkoutSession({
    client_reference_id: 'user-1',
    metadata: { from: 'session' },
  });
  expect(
    bought({
      session,
      intent: paymentIntent({ metadata: { from: 'intent', only: 'intent' }, description: 'A course' }),
      customer: customer({
        metadata: { from: 'customer', only: 'customer', also: 'customer' },
        email: 'c@example.com',
      }),
      lineItems: [lineItem({ quantity: 2 }), lineItem({ price: null, quantity: null, description: null })],
    }),
  ).toEqual({
    paymentIntent: 'pi_1',
    saidReference: 'user-1',
    testClock: null,
    metadata: { from: 'session', only: 'intent', also: 'customer' },
    customer: 'cus_1',
    email: 'c@example.com',
    description: 'A course',
    items: [
      { product: 'prod_course', price: 'price_1', quantity: 2, description: 'Watercolour course' },
      { product: null, price: null, quantity: 1, description: null },
    ],
    amount: 1_000,
    currency: 'eur',
    paidAt: new Date(paidAt * 1000),
  });
});

describe('is no purchase', () => {
  test.each<[string, Says]>([
    ['a payment that has not come', { intent: paymentIntent({ status: 'processing' }) }],
    ['a payment of nothing', { intent: paymentIntent({ amount_received: 0 }) }],
    ['the checkout of a subscription', { session: checkoutSession({ mode: 'subscription' }) }],
    ['a renewal', { invoices: ['in_renewal'] }],
    ['an invoice of ours that documents another payment', { invoices: ['in_1'], documents: [documentOf('pi_0')] }],
    ['an own invoice', { session: checkoutSession({ metadata: { quittance_invoice: 'inv_1' } }) }],
    ['an own invoice, by its payment', { intent: paymentIntent({ metadata: { quittance_invoice: 'inv_1' } }) }],
  ])('%s', (_what, says) => {
    expect(bought(says)).toBeUndefined();
  });
});

describe('is a purchase', () => {
  test.each<[string, Says]>([
    ['a plain payment', {}],
    ['a plain payment that has its document', { invoices: ['in_1'], documents: [documentOf('pi_1')] }],
    ['a checkout that Stripe invoices', { session: checkoutSession(), invoices: ['in_of_stripe'] }],
  ])('%s', (_what, says) => {
    expect(bought(says)?.paymentIntent).toBe('pi_1');
  });
});

describe('the address of the buyer is', () => {
  test.each<[string, Says, string | null]>([
    [
      'what he typed',
      { session: checkoutSession({ customer_details: fullDetails('typed@x'), customer_email: 'given@x' }) },
      'typed@x',
    ],
    ['what the page was opened with', { session: checkoutSession({ customer_email: 'given@x' }) }, 'given@x'],
    [
      'that of the receipt',
      { intent: paymentIntent({ receipt_email: 'receipt@x' }), customer: customer({ email: 'c@x' }) },
      'receipt@x',
    ],
    ['that of the customer', { customer: customer({ email: 'c@x' }) }, 'c@x'],
    ['not known', {}, null],
  ])('%s', (_what, says, email) => {
    expect(bought(says)?.email).toBe(email);
  });
});

function fullDetails(email: string) {
  return {
    address: null,
    business_name: null,
    email,
    individual_name: null,
    name: null,
    phone: null,
    tax_exempt: null,
    tax_ids: null,
  };
}
