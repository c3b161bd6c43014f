import { beforeAll, describe, expect, test } from 'vitest';
import { draft, refusal, type Simulated, simulated } from './simulated.ts';

let sim: Simulated;
let customer: string;

beforeAll(async () => {
  sim = await simulated();
  customer = (await sim.stripe.customers.create({ name: 'Ada', email: 'ada@example.com' })).id;
});

describe('a new invoice', () => {
  test('is an empty draft in the named currency, and nothing of what was sent is lost', async () => {
    const invoice = await sim.stripe.invoices.create({
      customer,
      currency: 'eur',
      collection_method: 'charge_automatically',
      auto_advance: false,
      pending_invoice_items_behavior: 'exclude',
      automatic_tax: { enabled: false },
      discounts: '',
      effective_at: 1_790_000_000,
      description: 'Thank you',
      footer: 'VAT DE1',
      custom_fields: [{ name: 'Order', value: '7' }],
      metadata: { payment_intent: 'pi_7' },
    });
    expect(invoice).toMatchObject({
      status: 'draft',
      currency: 'eur',
      total: 0,
      number: null,
      effective_at: 1_790_000_000,
      description: 'Thank you',
      footer: 'VAT DE1',
      custom_fields: [{ name: 'Order', value: '7' }],
      metadata: { payment_intent: 'pi_7' },
      customer_name: 'Ada',
      hosted_invoice_url: null,
      automatically_finalizes_at: null,
    });
  });

  test('takes footer, custom fields and discount from its customer unless told otherwise', async () => {
    const coupon = await sim.stripe.coupons.create({ percent_off: 25, duration: 'forever' });
    const { id } = await sim.stripe.customers.create({ invoice_settings: { footer: 'House footer' } });
    await sim.control('discounts', { customer: id, coupon: coupon.id });
    const inheriting = await draft(sim, { customer: id });
    expect(inheriting).toMatchObject({ footer: 'House footer', subtotal: 1000, total: 750 });
    expect(inheriting.total_discount_amounts).toEqual([{ amount: 250, discount: inheriting.discounts[0] }]);
    const without = await draft(sim, { customer: id, discounts: '', footer: 'Mine' });
    expect(without).toMatchObject({ footer: 'Mine', total: 1000, discounts: [] });
  });

  test('redeems a coupon of its own', async () => {
    const coupon = await sim.stripe.coupons.create({ amount_off: 300, currency: 'eur', duration: 'once' });
    const invoice = await draft(sim, { customer, discounts: [{ coupon: coupon.id }] });
    expect(invoice.total).toBe(700);
    const expanded = await sim.stripe.invoices.retrieve(invoice.id, { expand: ['discounts.source.coupon'] });
    expect(expanded.discounts[0]).toMatchObject({ object: 'discount', source: { coupon: { id: coupon.id } } });
  });

  test.each([
    [{}, 'customer', 'parameter_missing'],
    [{ customer: 'cus_none' }, 'customer', 'resource_missing'],
    [{ automatic_tax: { enabled: true } }, 'automatic_tax[enabled]', 'parameter_not_simulated'],
    [{ currency: 'xyz' }, 'currency', undefined],
    [{ due_date: 1_900_000_000 }, 'due_date', undefined],
    [{ collection_method: 'send_invoice' as const }, 'due_date', undefined],
  ])('is refused with %j', async (params, param, code) => {
    const base = Object.keys(params).length === 0 ? {} : { customer };
    const error = await refusal(sim.stripe.invoices.create({ ...base, ...params }));
    expect(error).toMatchObject({ statusCode: 400, param, code });
  });

  test('that is to be sent has a due date', async () => {
    const params = { customer, collection_method: 'send_invoice', days_until_due: 14 } as const;
    const { due_date, created } = await sim.stripe.invoices.create(params);
    expect(due_date).toBe(created + 14 * 86_400);
  });
});

describe('lines', () => {
  test('with tax amounts add up exactly as given, and equal tax data finds the same tax rate', async () => {
    const { id } = await sim.stripe.invoices.create({ customer, currency: 'eur' });
    const vat = { display_name: 'VAT', percentage: 19, inclusive: false, country: 'DE' };
    const { lines, ...invoice } = await sim.stripe.invoices.addLines(id, {
      lines: [
        { description: 'A', amount: 1000, tax_amounts: [{ amount: 191, taxable_amount: 1000, tax_rate_data: vat }] },
        { description: 'B', amount: 500, tax_amounts: [{ amount: 95, taxable_amount: 500, tax_rate_data: vat }] },
        {
          description: 'C',
          amount: 107,
          tax_amounts: [{ amount: 7, taxable_amount: 100, tax_rate_data: { ...vat, percentage: 7, inclusive: true } }],
        },
      ],
    });
    expect(invoice).toMatchObject({
      subtotal: 1607,
      subtotal_excluding_tax: 1600,
      total: 1893,
      total_excluding_tax: 1600,
      amount_due: 1893,
    });
    expect(invoice.total_taxes?.map(({ amount, tax_behavior }) => [amount, tax_behavior])).toEqual([
      [286, 'exclusive'],
      [7, 'inclusive'],
    ]);
    const rates = lines.data.map(({ taxes }) => taxes?.[0]?.tax_rate_details?.tax_rate);
    expect(rates[0]).toBe(rates[1]);
    expect(rates[0]).not.toBe(rates[2]);
    const rate = await sim.stripe.taxRates.retrieve(rates[0] ?? '');
    expect(rate).toMatchObject({ active: false, percentage: 19, country: 'DE' });
  });

  test('with prices, quantities and tax rates are calculated here', async () => {
    const rate = await sim.stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: true });
    const { id } = await sim.stripe.invoices.create({ customer, currency: 'eur' });
    const { lines, total, subtotal_excluding_tax } = await sim.stripe.invoices.addLines(id, {
      lines: [
        {
          quantity: 3,
          price_data: { currency: 'eur', unit_amount: 400, product_data: { name: 'Seat' } },
          tax_rates: [rate.id],
        },
      ],
    });
    expect(lines.data[0]).toMatchObject({ amount: 1200, quantity: 3, description: 'Seat' });
    expect([total, subtotal_excluding_tax]).toEqual([1200, 1000]);
  });

  test('come all or none', async () => {
    const { id } = await sim.stripe.invoices.create({ customer, currency: 'eur' });
    const error = await refusal(
      sim.stripe.invoices.addLines(id, { lines: [{ amount: 5 }, { description: 'no amount' }] }),
    );
    expect(error.param).toBe('lines[1][amount]');
    const { lines } = await sim.stripe.invoices.retrieve(id);
    expect(lines.data).toEqual([]);
    const { data } = await sim.stripe.invoiceItems.list({ invoice: id });
    expect(data).toEqual([]);
  });

  test('cannot mix tax amounts with tax rates', async () => {
    const rate = await sim.stripe.taxRates.create({ display_name: 'VAT', percentage: 20, inclusive: false });
    const { id } = await sim.stripe.invoices.create({ customer, currency: 'eur', default_tax_rates: [rate.id] });
    const tax_rate_data = { display_name: 'VAT', percentage: 19, inclusive: false };
    const line = { amount: 100, tax_amounts: [{ amount: 19, taxable_amount: 100, tax_rate_data }] };
    expect((await refusal(sim.stripe.invoices.addLines(id, { lines: [line] }))).param).toBe('lines');
  });

  test('change and go; the item behind a line follows', async () => {
    const invoice = await draft(sim, { customer });
    const [line] = invoice.lines.data;
    const id = line?.id ?? '';
    const updated = await sim.stripe.invoices.updateLines(invoice.id, {
      lines: [{ id, amount: 1500, description: 'Better course' }],
      invoice_metadata: { note: 'changed' },
    });
    expect(updated).toMatchObject({ total: 1500, metadata: { note: 'changed' } });
    const item = await sim.stripe.invoiceItems.retrieve(line?.parent?.invoice_item_details?.invoice_item ?? '');
    expect(item).toMatchObject({ amount: 1500, description: 'Better course' });
    const one = await sim.stripe.invoices.updateLineItem(invoice.id, id, { amount: 1600 });
    expect(one.amount).toBe(1600);
    const emptied = await sim.stripe.invoices.removeLines(invoice.id, { lines: [{ id, behavior: 'delete' }] });
    expect(emptied).toMatchObject({ total: 0, lines: { data: [] } });
    expect((await refusal(sim.stripe.invoiceItems.retrieve(item.id))).statusCode).toBe(404);
  });

  test('are shown ten at a time, and listed in their order', async () => {
    const { id } = await sim.stripe.invoices.create({ customer, currency: 'eur' });
    const lines = Array.from({ length: 23 }, (_, index) => ({ amount: index, description: `Line ${index}` }));
    const invoice = await sim.stripe.invoices.addLines(id, { lines });
    expect([invoice.lines.data.length, invoice.lines.has_more]).toEqual([10, true]);
    const all = await sim.stripe.invoices.listLineItems(id).autoPagingToArray({ limit: 100 });
    expect(all.map(({ amount }) => amount)).toEqual(lines.map(({ amount }) => amount));
  });
});

describe('a draft', () => {
  test('shows its customer as they are now', async () => {
    const { id } = await sim.stripe.customers.create({ name: 'Before' });
    const invoice = await draft(sim, { customer: id });
    await sim.stripe.customers.update(id, { name: 'After', balance: -200 });
    const now = await sim.stripe.invoices.retrieve(invoice.id);
    expect(now).toMatchObject({ customer_name: 'After', total: 1000 });
  });

  test('can be deleted, and waiting items wait again', async () => {
    const { id } = await sim.stripe.customers.create({});
    const item = await sim.stripe.invoiceItems.create({ customer: id, amount: 700, currency: 'eur' });
    sim.advance(5);
    const invoice = await sim.stripe.invoices.create({ customer: id, pending_invoice_items_behavior: 'include' });
    expect(invoice).toMatchObject({ total: 700, currency: 'eur' });
    sim.newEvents();
    expect(await sim.stripe.invoices.del(invoice.id)).toEqual({ id: invoice.id, object: 'invoice', deleted: true });
    expect(sim.newEvents()).toEqual(['invoice.deleted']);
    expect((await sim.stripe.invoiceItems.retrieve(item.id)).invoice).toBeNull();
    expect((await refusal(sim.stripe.invoices.retrieve(invoice.id))).code).toBe('resource_missing');
  });
});

test('each change is one event that carries what was before', async () => {
  sim.newEvents();
  const invoice = await draft(sim, { customer });
  await sim.stripe.invoices.update(invoice.id, { description: 'New', metadata: { a: '1' } });
  expect(sim.newEvents()).toEqual(['invoice.created', 'invoiceitem.created', 'invoice.updated', 'invoice.updated']);
  const { data } = await sim.stripe.events.list({ type: 'invoice.updated', limit: 1 });
  expect(data[0]?.data.previous_attributes).toEqual({ description: null, metadata: { a: null } });
});
