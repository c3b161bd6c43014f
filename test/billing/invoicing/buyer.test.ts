import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { billToOf, customerParams } from '../../../src/billing/invoicing/buyer.ts';
import { charge, checkoutSession, customer, payment } from '../../support/stripe-objects.ts';

describe('whom the invoice is made out to', () => {
  test.each<[string, Stripe.Customer | null, string]>([
    ['nobody known', null, 'guest'],
    ['a customer without a balance', customer(), 'buyer'],
    ['a customer with a credit', customer({ balance: -500 }), 'stand_in'],
    ['a customer with a debit', customer({ balance: 500 }), 'stand_in'],
    ['a credit in the currency of the payment', customer({ invoice_credit_balance: { eur: -500 } }), 'stand_in'],
    ['a credit in another currency', customer({ invoice_credit_balance: { usd: -500, eur: 0 } }), 'buyer'],
  ])('%s', (_what, who, billTo) => {
    expect(billToOf(payment({ customer: who }))).toBe(billTo);
  });
});

const claimOf = { payment_intent: 'pi_1', made_by: 'quittance' };
const details: Stripe.Checkout.Session.CustomerDetails = {
  address: { line1: '1 Lane', line2: null, city: 'York', postal_code: 'YO1', state: '', country: 'GB' },
  business_name: null,
  email: 'guest@example.com',
  individual_name: null,
  name: 'Guest Ltd',
  phone: null,
  tax_exempt: 'none',
  tax_ids: [
    { type: 'gb_vat', value: 'GB123456789' },
    { type: 'unknown', value: 'X' },
    { type: 'eu_vat', value: null },
  ],
};

describe('a customer made for one payment', () => {
  test('of whom nothing is known carries the mark of the payment and nothing else', () => {
    expect(customerParams(payment(), claimOf)).toEqual({ metadata: claimOf });
  });

  test('a guest is as Checkout met him: name, mail, the parts of his address, tax ids with a known type', () => {
    expect(customerParams(payment({ session: checkoutSession({ customer_details: details }) }), claimOf)).toEqual({
      name: 'Guest Ltd',
      email: 'guest@example.com',
      address: { line1: '1 Lane', city: 'York', postal_code: 'YO1', country: 'GB' },
      tax_id_data: [{ type: 'gb_vat', value: 'GB123456789' }],
      metadata: claimOf,
    });
  });

  test('without a checkout the card tells, and after it the receipt address', () => {
    const billing_details = { address: null, email: null, name: 'A. Cardholder', phone: null, tax_id: null };
    const paid = payment({ charge: charge({ billing_details }), intent: { receipt_email: 'card@example.com' } });
    expect(customerParams(paid, claimOf)).toEqual({
      name: 'A. Cardholder',
      email: 'card@example.com',
      metadata: claimOf,
    });
  });

  test('a stand-in copies the buyer, without his balance, and says for whom he stands', () => {
    const buyer = customer({
      balance: -500,
      name: 'Buyer AG',
      email: 'buyer@example.com',
      preferred_locales: ['de'],
      tax_exempt: 'reverse',
    });
    const paid = payment({ customer: buyer, session: checkoutSession({ customer_details: details }) });
    expect(customerParams(paid, claimOf)).toEqual({
      name: 'Buyer AG',
      email: 'buyer@example.com',
      address: { line1: '1 Lane', city: 'York', postal_code: 'YO1', country: 'GB' },
      tax_id_data: [{ type: 'gb_vat', value: 'GB123456789' }],
      preferred_locales: ['de'],
      tax_exempt: 'reverse',
      metadata: { ...claimOf, stands_in_for: 'cus_1' },
    });
  });

  test('an address that is all empty is no address', () => {
    const address = { line1: null, line2: '', city: null, postal_code: null, state: null, country: null };
    const paid = payment({ session: checkoutSession({ customer_details: { ...details, address, tax_ids: null } }) });
    expect(customerParams(paid, claimOf)).not.toHaveProperty('address');
  });
});
