import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { customerParams } from '../../../src/billing/stripe-invoices/document-customer.ts';
import { charge, checkoutSession, customer, payment } from '../../support/stripe-objects.ts';

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

  test('a guest is called by his business, and its names are told apart', () => {
    const names = { ...details, business_name: 'Example Ltd', individual_name: 'Ada Example', tax_exempt: 'reverse' };
    const params = customerParams(
      payment({ session: checkoutSession({ customer_details: { ...names, tax_exempt: 'reverse' } }) }),
      claimOf,
    );
    expect(params).toMatchObject({
      name: 'Example Ltd',
      business_name: 'Example Ltd',
      individual_name: 'Ada Example',
      tax_exempt: 'reverse',
    });
  });

  test('a stand-in of somebody nameless is called as Checkout met him, and keeps what the customer says', () => {
    const buyer = customer({ email: 'buyer@example.com', tax_exempt: 'none' });
    const paid = payment({ customer: buyer, session: checkoutSession({ customer_details: details }) });
    expect(customerParams(paid, claimOf)).toMatchObject({
      name: 'Guest Ltd',
      email: 'buyer@example.com',
      address: { line1: '1 Lane', city: 'York', postal_code: 'YO1', country: 'GB' },
      tax_id_data: [{ type: 'gb_vat', value: 'GB123456789' }],
    });
  });

  test('a stand-in has the tax ids of the buyer and those of Checkout, each once and five at the most', () => {
    const id = (value: string) => ({ type: 'eu_vat' as const, value });
    const known = ['1', '2', '3', '4'].map((value) => ({ ...id(value), id: `txi_${value}` }) as Stripe.TaxId);
    const tax_ids = { object: 'list' as const, data: known, has_more: false, url: '' };
    const collected = { ...details, tax_ids: ['4', '5', '6'].map(id) };
    const paid = payment({
      customer: customer({ balance: -1, tax_ids }),
      session: checkoutSession({ customer_details: collected }),
    });
    expect(customerParams(paid, claimOf).tax_id_data).toEqual(['1', '2', '3', '4', '5'].map(id));
  });

  test('an address that Checkout collected comes before what the customer says without street and city', () => {
    const nowhere = { line1: null, line2: null, city: null, postal_code: 'YO1', state: null, country: 'GB' };
    const paid = payment({
      customer: customer({ name: 'Ada', address: nowhere }),
      session: checkoutSession({ customer_details: details }),
    });
    expect(customerParams(paid, claimOf).address).toMatchObject({ line1: '1 Lane', city: 'York' });
  });

  test.each(['exclude_tax', 'include_inclusive_tax'])('a stand-in shows amounts as the buyer does: %s', (display) => {
    const rendering_options = { amount_tax_display: display, template: null };
    const settings = { custom_fields: null, default_payment_method: null, footer: null, rendering_options };
    const buyer = customer({ balance: -1, invoice_settings: settings });
    expect(customerParams(payment({ customer: buyer }), claimOf).invoice_settings).toEqual({
      rendering_options: { amount_tax_display: display },
    });
  });

  test('a stand-in carries what the invoices of the buyer carry by default', () => {
    const invoice_settings = {
      custom_fields: [{ name: 'PO', value: '4711' }],
      default_payment_method: 'pm_1',
      footer: 'Thank you',
      rendering_options: { amount_tax_display: 'include_inclusive_tax', template: null },
    };
    const { invoice_settings: settings } = customerParams(
      payment({ customer: customer({ balance: -1, invoice_settings }) }),
      claimOf,
    );
    expect(settings).toEqual({
      custom_fields: [{ name: 'PO', value: '4711' }],
      footer: 'Thank you',
      rendering_options: { amount_tax_display: 'include_inclusive_tax' },
    });
  });

  test.each([
    ['in one line', 'Example Ltd, York', { line1: 'Example Ltd, York' }],
    ['in two', '1 Lane\nYork', { line1: '1 Lane', line2: 'York' }],
    ['in more', 'c/o Ada\r\n1 Lane\n\n YO1 York ', { line1: 'c/o Ada', line2: '1 Lane, YO1 York' }],
    ['of blanks', ' \n ', undefined],
    ['that is not there', null, undefined],
  ])('a recipient who was agreed on is named instead of who paid, with his address %s', (_what, address, parts) => {
    const recipient = { name: 'Example Ltd', email: 'books@example.com', address };
    const paid = payment({ session: checkoutSession({ customer_details: details }) });
    expect(customerParams(paid, claimOf, recipient)).toEqual({
      name: 'Example Ltd',
      email: 'books@example.com',
      ...(parts ? { address: parts } : {}),
      metadata: claimOf,
    });
  });

  test('a recipient without e-mail gets none of whoever paid', () => {
    const recipient = { name: 'Example Ltd', email: null, address: null };
    const paid = payment({ customer: customer({ email: 'buyer@example.com' }) });
    expect(customerParams(paid, claimOf, recipient)).toEqual({
      name: 'Example Ltd',
      metadata: { ...claimOf, stands_in_for: 'cus_1' },
    });
  });

  test('names are cut to what Stripe takes, and cleaned of what can not be shown', () => {
    const names = { ...details, name: `\u202E${'n'.repeat(257)}`, individual_name: 'i'.repeat(151), tax_ids: null };
    const address = {
      line1: '1\u0000 Lane',
      line2: '\u202E',
      city: 'York',
      postal_code: null,
      state: null,
      country: 'GB',
    };
    const params = customerParams(
      payment({ session: checkoutSession({ customer_details: { ...names, address } }) }),
      claimOf,
    );
    expect(params.name).toBe(`${'n'.repeat(255)}…`);
    expect(params.individual_name).toBe(`${'i'.repeat(149)}…`);
    expect(params.address).toEqual({ line1: '1 Lane', city: 'York', country: 'GB' });
  });
});
