import { describe, expect, it } from 'vitest';
import { failureOf, useSimulator } from './harness.ts';

const harness = useSimulator();

describe('customers of the simulated Stripe', () => {
  it('keep what they are given and empty what is unset', async () => {
    const made = await harness.stripe.customers.create({
      name: 'Ann',
      email: 'ann@example.com',
      phone: '123',
      address: { country: 'DE', city: 'Berlin' },
      shipping: { name: 'Ann', address: { country: 'DE' } },
      preferred_locales: ['de'],
      tax_exempt: 'reverse',
      invoice_settings: { footer: 'Thank you', custom_fields: [{ name: 'PO', value: '7' }] },
    });
    expect(made).toMatchObject({
      name: 'Ann',
      balance: 0,
      currency: null,
      address: { city: 'Berlin', country: 'DE', line1: null },
      shipping: { name: 'Ann', address: { country: 'DE' } },
      invoice_settings: { footer: 'Thank you', custom_fields: [{ name: 'PO', value: '7' }] },
    });
    const emptied = await harness.stripe.customers.update(made.id, { name: '', address: '', shipping: '' });
    expect(emptied).toMatchObject({ name: null, address: null, shipping: null, email: 'ann@example.com' });
  });

  it.each([
    ['name', 256],
    ['business_name', 150],
    ['individual_name', 150],
  ])('have a %s of %i characters at the most', async (field, most) => {
    const named = (length: number) => harness.stripe.customers.create({ [field]: 'n'.repeat(length) });
    expect(await named(most)).toHaveProperty(field);
    expect(await failureOf(named(most + 1))).toMatchObject({ statusCode: 400, param: field });
  });

  it('have a balance that only its transactions move', async () => {
    const { id } = await harness.stripe.customers.create({ balance: -100 });
    const credit = await harness.stripe.customers.createBalanceTransaction(id, {
      amount: -500,
      currency: 'usd',
      description: 'Goodwill',
      metadata: { why: 'test' },
    });
    expect(credit).toMatchObject({ amount: -500, ending_balance: -600, type: 'adjustment', customer: id });
    const customer = await harness.stripe.customers.retrieve(id, { expand: ['invoice_credit_balance'] });
    expect(customer).toMatchObject({ balance: -600, currency: 'usd', invoice_credit_balance: { usd: -600 } });
    await harness.stripe.customers.update(id, { balance: 0 });
    const { data } = await harness.stripe.customers.listBalanceTransactions(id);
    expect(data.map(({ amount, ending_balance }) => [amount, ending_balance])).toEqual([
      [600, 0],
      [-500, -600],
      [-100, -100],
    ]);
    await harness.stripe.customers.updateBalanceTransaction(id, credit.id, { metadata: { why: 'other' } });
    const read = await harness.stripe.customers.retrieveBalanceTransaction(id, credit.id);
    expect(read.metadata).toEqual({ why: 'other' });
  });

  it('cannot have a balance in two currencies', async () => {
    const { id } = await harness.stripe.customers.create({});
    await harness.stripe.customers.createBalanceTransaction(id, { amount: 5, currency: 'usd' });
    const error = await failureOf(
      harness.stripe.customers.createBalanceTransaction(id, { amount: 5, currency: 'eur' }),
    );
    expect(error.message).toMatch(/You cannot combine currencies on a single customer/);
  });

  it('have tax ids', async () => {
    const { id } = await harness.stripe.customers.create({ tax_id_data: [{ type: 'eu_vat', value: 'DE123456789' }] });
    const second = await harness.stripe.customers.createTaxId(id, { type: 'us_ein', value: '12-3456789' });
    const customer = await harness.stripe.customers.retrieve(id, { expand: ['tax_ids'] });
    expect('tax_ids' in customer && customer.tax_ids?.data.map(({ value }) => value)).toEqual([
      '12-3456789',
      'DE123456789',
    ]);
    expect((await harness.stripe.customers.retrieveTaxId(id, second.id)).country).toBe('US');
    await harness.stripe.customers.deleteTaxId(id, second.id);
    expect((await harness.stripe.customers.listTaxIds(id)).data).toHaveLength(1);
    const wrong = await failureOf(harness.stripe.customers.createTaxId(id, { type: 'eu_vat', value: 'nonsense' }));
    expect(wrong.code).toBe('tax_id_invalid');
  });

  it('are gone when deleted, but remembered as deleted', async () => {
    const { id } = await harness.stripe.customers.create({});
    expect(await harness.stripe.customers.del(id)).toMatchObject({ id, deleted: true });
    expect(await harness.stripe.customers.retrieve(id)).toMatchObject({ id, deleted: true });
    expect((await failureOf(harness.stripe.customers.update(id, { name: 'A' }))).code).toBe('resource_missing');
    expect((await harness.stripe.customers.list()).data).toEqual([]);
  });

  it('have payment methods, of which some cards are refused by the bank', async () => {
    const { id } = await harness.stripe.customers.create({
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const customer = await harness.stripe.customers.retrieve(id, {
      expand: ['invoice_settings.default_payment_method'],
    });
    expect(customer).toMatchObject({ invoice_settings: { default_payment_method: { card: { last4: '4242' } } } });
    const declined = await failureOf(harness.stripe.paymentMethods.attach('pm_card_chargeDeclined', { customer: id }));
    expect(declined).toMatchObject({ statusCode: 402, code: 'card_declined' });
    const failing = await harness.stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: id });
    expect((await harness.stripe.customers.listPaymentMethods(id)).data).toHaveLength(2);
    await harness.stripe.paymentMethods.update(failing.id, { billing_details: { name: 'Ann' } });
    expect((await harness.stripe.customers.retrievePaymentMethod(id, failing.id)).billing_details.name).toBe('Ann');
    expect((await harness.stripe.paymentMethods.retrieve(failing.id)).card?.last4).toBe('0341');
    expect((await harness.stripe.paymentMethods.detach(failing.id)).customer).toBeNull();
    expect((await harness.stripe.paymentMethods.list({ customer: id, type: 'card' })).data).toHaveLength(1);
  });
});
