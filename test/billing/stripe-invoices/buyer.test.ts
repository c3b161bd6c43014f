import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { billToOf, collectedBy, collectedFields } from '../../../src/billing/stripe-invoices/buyer.ts';
import { checkoutSession, customer, payment } from '../../support/stripe-objects.ts';

const noDetails: Stripe.Checkout.Session.CustomerDetails = {
  address: null,
  business_name: null,
  email: null,
  individual_name: null,
  name: null,
  phone: null,
  tax_exempt: 'none',
  tax_ids: null,
};
const nowhere: Stripe.Address = {
  line1: null,
  line2: null,
  city: null,
  postal_code: null,
  state: null,
  country: null,
};
const york: Stripe.Address = { ...nowhere, line1: '1 Lane', city: 'York', country: 'GB' };
const vat = { type: 'eu_vat' as const, value: 'DE123456789' };
const ada = { name: 'Ada Example', address: york };
const outOfBand = { settlement: 'out_of_band' } as const;

/** A tax id as it stands with a customer. */
function taxIds(value: string, has_more = false, ...others: string[]): Stripe.ApiList<Stripe.TaxId> {
  const { type } = vat;
  const data = [value, ...others].map(
    (each) => ({ id: 'txi_1', object: 'tax_id', created: 0, livemode: false, type, value: each }) as Stripe.TaxId,
  );
  return { object: 'list', data, has_more, url: '' };
}

function paidBy(who: Partial<Stripe.Customer>, details: Partial<Stripe.Checkout.Session.CustomerDetails> = {}) {
  const session = checkoutSession({ customer_details: { ...noDetails, ...details } });
  return payment({ customer: customer(who), session });
}

describe('whom the invoice is made out to', () => {
  test.each<[string, Stripe.Customer | null, string]>([
    ['nobody known', null, 'guest'],
    ['a customer without a balance', customer(), 'buyer'],
    ['a customer with a credit', customer({ balance: -500 }), 'stand_in'],
    ['a customer with a debit', customer({ balance: 500 }), 'stand_in'],
    ['a credit in the currency of the payment', customer({ invoice_credit_balance: { eur: -500 } }), 'stand_in'],
    ['a credit in another currency', customer({ invoice_credit_balance: { usd: -500, eur: 0 } }), 'buyer'],
  ])('%s', (_what, who, billTo) => {
    for (const settlement of ['out_of_band', 'attach'] as const) {
      expect(billToOf(payment({ customer: who }), { settlement })).toBe(billTo);
    }
  });

  test('a recipient who was agreed on is never the buyer himself, whatever that one is called', () => {
    const recipient = { name: 'Example Ltd', email: null, address: null };
    for (const settlement of ['out_of_band', 'attach'] as const) {
      expect(billToOf(payment({ customer: customer() }), { settlement, recipient })).toBe('stand_in');
      expect(billToOf(payment(), { settlement, recipient })).toBe('guest');
    }
  });

  test('who told Checkout what his customer does not say is stood in for, unless the payment is attached', () => {
    const paid = paidBy({}, { name: 'Ada Example' });
    expect(billToOf(paid, outOfBand)).toBe('stand_in');
    expect(billToOf(paid, { settlement: 'attach' })).toBe('buyer');
    expect(billToOf(paidBy(ada, { name: 'A. Cardholder' }), outOfBand)).toBe('buyer');
  });
});

describe('what Checkout collected and the customer does not say', () => {
  test.each<[string, Partial<Stripe.Customer>, Partial<Stripe.Checkout.Session.CustomerDetails>, object | undefined]>([
    ['nothing, of a customer who says all', ada, { name: 'A. Card', address: { ...york, city: 'Hull' } }, undefined],
    ['a name', { address: york }, { name: 'Ada Example' }, { name: 'Ada Example', taxIds: [] }],
    ['the name of a person', { address: york }, { individual_name: 'Ada' }, { name: 'Ada', taxIds: [] }],
    ['an empty name is none', { name: '', address: york }, { name: 'Ada' }, { name: 'Ada', taxIds: [] }],
    ['the name of a business comes first', {}, { name: 'Ada', business_name: 'Ltd' }, { name: 'Ltd', taxIds: [] }],
    ['a business of a person who is known', ada, { business_name: 'Ltd' }, { name: 'Ltd', taxIds: [] }],
    ['a business that is known by its name', { name: 'Ltd' }, { business_name: 'Ltd' }, undefined],
    ['another business than the one that is known', { business_name: 'AG' }, { business_name: 'Ltd' }, undefined],
    ['no name of one known as a person', { individual_name: 'Ada' }, { name: 'Ada E.' }, undefined],
    ['an address', { name: 'Ada' }, { address: york }, { address: york, taxIds: [] }],
    [
      'an address, where a country was known',
      { name: 'Ada', address: { ...nowhere, country: 'GB' } },
      { address: york },
      { address: york, taxIds: [] },
    ],
    [
      'a place without a street',
      { name: 'Ada' },
      { address: { ...nowhere, city: 'Ely' } },
      { address: { ...nowhere, city: 'Ely' }, taxIds: [] },
    ],
    [
      'no address: what every card is asked',
      { name: 'Ada' },
      { address: { ...nowhere, country: 'GB', postal_code: 'YO1' } },
      undefined,
    ],
    ['a tax id', ada, { tax_ids: [vat] }, { taxIds: [vat] }],
    ['a tax id besides another', { ...ada, tax_ids: taxIds('DE999999999') }, { tax_ids: [vat] }, { taxIds: [vat] }],
    [
      'a tax id that is known, among others',
      { ...ada, tax_ids: taxIds(vat.value, false, 'DE999999999') },
      { tax_ids: [vat] },
      undefined,
    ],
    ['a tax id that is known', { ...ada, tax_ids: taxIds(vat.value) }, { tax_ids: [vat] }, undefined],
    [
      'no tax id of one who has more than are told',
      { ...ada, tax_ids: taxIds('DE9', true) },
      { tax_ids: [vat] },
      undefined,
    ],
    [
      'no tax id of an unknown type',
      ada,
      {
        tax_ids: [
          { type: 'unknown', value: 'X' },
          { type: 'eu_vat', value: null },
        ],
      },
      undefined,
    ],
  ])('%s', (_what, who, details, collected) => {
    expect(collectedBy(paidBy(who, details))).toEqual(collected);
  });

  test('of a guest it is nothing besides: he is as Checkout met him', () => {
    const session = checkoutSession({ customer_details: { ...noDetails, name: 'Ada' } });
    expect(collectedBy(payment({ session }))).toBeUndefined();
    expect(collectedBy(payment({ customer: customer() }))).toBeUndefined();
    expect(collectedBy(payment({ customer: customer(), session: checkoutSession() }))).toBeUndefined();
  });

  test('stands in fields of its own where the customer himself is billed; an address has no place there', () => {
    expect(collectedFields(undefined)).toEqual([]);
    expect(collectedFields({ name: 'Ltd', address: york, taxIds: [vat] })).toEqual([
      { name: 'Name', value: 'Ltd' },
      { name: 'Tax ID', value: 'DE123456789' },
    ]);
    expect(collectedFields({ address: york, taxIds: [] })).toEqual([]);
  });
});
