import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { draft, open, refusal, type Simulated, simulated } from './simulated.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

async function newCustomer(): Promise<string> {
  const { id } = await stripe.customers.create({ email: 'ada@example.com' });
  return id;
}

test('an item without an invoice waits, and leaks only into an invoice that asks for it', async () => {
  const customer = await newCustomer();
  const first = await stripe.invoiceItems.create({ customer, amount: 300, currency: 'eur', description: 'First' });
  const second = await stripe.invoiceItems.create({ customer, amount: 400, currency: 'eur', description: 'Second' });
  expect((await stripe.invoiceItems.list({ customer, pending: true })).data.map(({ id }) => id)).toEqual([
    second.id,
    first.id,
  ]);
  const excluding = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'exclude' });
  expect(excluding.lines.data).toEqual([]);
  const including = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  expect(including).toMatchObject({ currency: 'eur', total: 700 });
  expect(including.lines.data.map(({ description }) => description)).toEqual(['Second', 'First']);
  expect((await stripe.invoiceItems.list({ customer, pending: true })).data).toEqual([]);
});

test('an item can be made for a draft, and taken off it to wait', async () => {
  const customer = await newCustomer();
  const { id } = await stripe.invoices.create({ customer, currency: 'eur' });
  const item = await stripe.invoiceItems.create({ customer, invoice: id, amount: 500, currency: 'eur' });
  expect(item.invoice).toBe(id);
  const { lines } = await stripe.invoices.retrieve(id);
  await stripe.invoices.removeLines(id, { lines: [{ id: lines.data[0]?.id ?? '', behavior: 'unassign' }] });
  expect((await stripe.invoiceItems.retrieve(item.id)).invoice).toBeNull();
  const again = await stripe.invoices.addLines(id, { lines: [{ invoice_item: item.id }] });
  expect(again.total).toBe(500);
});

test('changing or deleting an item changes its draft, and nothing that is finalized', async () => {
  const customer = await newCustomer();
  const item = await stripe.invoiceItems.create({ customer, amount: 500, currency: 'eur' });
  const { id } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  await stripe.invoiceItems.update(item.id, { amount: 800 });
  expect((await stripe.invoices.retrieve(id)).total).toBe(800);
  expect(await stripe.invoiceItems.del(item.id)).toMatchObject({ deleted: true, id: item.id });
  expect((await stripe.invoices.retrieve(id)).total).toBe(0);

  const [line] = (await open(sim, { customer })).lines.data;
  const fixed = line?.parent?.invoice_item_details?.invoice_item ?? '';
  expect((await refusal(stripe.invoiceItems.update(fixed, { amount: 1 }))).code).toBe('invoice_not_editable');
  expect((await refusal(stripe.invoiceItems.del(fixed))).code).toBe('invoice_not_editable');
});

test('an item costs a price times a quantity, before its own discount', async () => {
  const customer = await newCustomer();
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
  const product = await stripe.products.create({ name: 'Seat' });
  const price = await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount: 250 });
  const item = await stripe.invoiceItems.create({
    customer,
    pricing: { price: price.id },
    quantity: 4,
    discounts: [{ coupon: coupon.id }],
  });
  expect(item).toMatchObject({ amount: 1000, net_amount: 900, quantity: 4, description: 'Seat', currency: 'eur' });
  const { id } = await stripe.invoices.create({ customer, pending_invoice_items_behavior: 'include' });
  const invoice = await stripe.invoices.retrieve(id);
  expect(invoice).toMatchObject({ subtotal: 900, total: 900 });
  expect((await stripe.invoiceItems.update(item.id, { quantity: 2 })).amount).toBe(500);
});

test.each([
  [{ amount: 5 }, 'customer'],
  [{ customer: 'mine' }, 'amount'],
  [{ customer: 'mine', amount: 5, quantity: 2 }, 'quantity'],
  [{ customer: 'mine', amount: 5, pricing: { price: 'price_none' } }, 'pricing'],
  [{ customer: 'mine', pricing: { price: 'price_none' } }, 'pricing[price]'],
  [{ customer: 'mine', amount: 5, period: { start: 9, end: 8 } }, 'period[end]'],
  [{ customer: 'mine', amount: 5, discounts: [{ coupon: 'none' }] }, 'discounts[0][coupon]'],
])('an item is refused with %j', async (params: Partial<Stripe.InvoiceItemCreateParams>, param) => {
  const customer = params.customer === undefined ? {} : { customer: await newCustomer() };
  const error = await refusal(stripe.invoiceItems.create({ ...params, ...customer }));
  expect(error).toMatchObject({ statusCode: 400, param });
});

test('a customer with waiting items in one currency gets no invoice in another', async () => {
  const customer = await newCustomer();
  await stripe.invoiceItems.create({ customer, amount: 300, currency: 'eur' });
  const error = await refusal(stripe.invoices.create({ customer, currency: 'usd' }));
  expect(error.message).toMatch(/cannot combine currencies/);
  const other = await draft(sim, { customer });
  const wrong = stripe.invoiceItems.create({ customer, invoice: other.id, amount: 1, currency: 'usd' });
  expect((await refusal(wrong)).param).toBe('currency');
});
