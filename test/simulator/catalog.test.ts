import Stripe from 'stripe';
import { describe, expect, it } from 'vitest';
import { failureOf, useSimulator } from './harness.ts';

const harness = useSimulator();

describe('the catalogue of the simulated Stripe', () => {
  it('has products with prices', async () => {
    const product = await harness.stripe.products.create({
      name: 'Course',
      description: 'Ten lessons',
      default_price_data: { currency: 'eur', unit_amount: 5000 },
    });
    const price = await harness.stripe.prices.create({
      product: product.id,
      currency: 'eur',
      unit_amount_decimal: Stripe.Decimal.from('12.5'),
      nickname: 'Odd',
    });
    expect(price).toMatchObject({ unit_amount: null, nickname: 'Odd', type: 'one_time' });
    expect(String(price.unit_amount_decimal)).toBe('12.5');
    const { data } = await harness.stripe.prices.list({ product: product.id, expand: ['data.product'] });
    expect(data.map(({ product: of }) => typeof of === 'object' && 'name' in of && of.name)).toEqual([
      'Course',
      'Course',
    ]);
    const read = await harness.stripe.products.retrieve(product.id, { expand: ['default_price'] });
    expect(read.default_price).toMatchObject({ unit_amount: 5000 });
    await harness.stripe.prices.update(price.id, { active: false });
    expect((await harness.stripe.prices.list({ active: false })).data).toHaveLength(1);
    expect((await harness.stripe.prices.retrieve(price.id)).active).toBe(false);
  });

  it('has prices that come round, found by their interval', async () => {
    const { id: product } = await harness.stripe.products.create({ name: 'Membership' });
    const monthly = await harness.stripe.prices.create({
      product,
      currency: 'eur',
      unit_amount: 900,
      recurring: { interval: 'month', interval_count: 3 },
    });
    expect(monthly).toMatchObject({
      type: 'recurring',
      recurring: { interval: 'month', interval_count: 3, usage_type: 'licensed', meter: null },
    });
    await harness.stripe.prices.create({
      product,
      currency: 'eur',
      unit_amount: 9900,
      recurring: { interval: 'year' },
    });
    await harness.stripe.prices.create({ product, currency: 'eur', unit_amount: 50 });
    const ids = async (params: Stripe.PriceListParams) =>
      (await harness.stripe.prices.list(params)).data.map(({ unit_amount: amount }) => amount);
    expect(await ids({ type: 'recurring' })).toEqual([9900, 900]);
    expect(await ids({ recurring: { interval: 'month' } })).toEqual([900]);
    const tooLong = harness.stripe.prices.create({
      product,
      currency: 'eur',
      unit_amount: 1,
      recurring: { interval: 'month', interval_count: 37 },
    });
    expect((await failureOf(tooLong)).param).toBe('recurring[interval_count]');
  });

  it('gives a lookup key to one price, from which another can take it', async () => {
    const { id: product } = await harness.stripe.products.create({ name: 'Membership' });
    const terms = { product, currency: 'eur', unit_amount: 900, lookup_key: 'member' };
    const first = await harness.stripe.prices.create(terms);
    expect((await failureOf(harness.stripe.prices.create(terms))).message).toContain(first.id);
    const second = await harness.stripe.prices.create({ ...terms, transfer_lookup_key: true });
    const found = await harness.stripe.prices.list({ lookup_keys: ['member', 'other'] });
    expect(found.data.map(({ id }) => id)).toEqual([second.id]);
    const { data } = await harness.stripe.events.list({ type: 'price.updated' });
    expect(data).toMatchObject([{ data: { object: { id: first.id }, previous_attributes: { lookup_key: 'member' } } }]);
  });

  it('does not archive the price that a product is sold at', async () => {
    const product = await harness.stripe.products.create({
      name: 'Membership',
      default_price_data: { currency: 'eur', unit_amount: 900, recurring: { interval: 'month' } },
    });
    const archive = harness.stripe.prices.update(`${product.default_price}`, { active: false });
    expect((await failureOf(archive)).message).toMatch(/default price/);
  });

  it('announces a product as it was asked for', async () => {
    await harness.stripe.products.create({ name: 'Course', description: 'Ten lessons', metadata: { a: '1' } });
    const { data } = await harness.stripe.events.list({ type: 'product.created' });
    expect(data).toMatchObject([{ data: { object: { description: 'Ten lessons', metadata: { a: '1' } } } }]);
  });

  it('deletes products without prices only', async () => {
    const free = await harness.stripe.products.create({ name: 'Free' });
    const priced = await harness.stripe.products.create({
      name: 'Priced',
      default_price_data: { currency: 'eur', unit_amount: 1 },
    });
    expect(await harness.stripe.products.del(free.id)).toMatchObject({ deleted: true });
    expect((await failureOf(harness.stripe.products.del(priced.id))).message).toMatch(/cannot be deleted/);
    await harness.stripe.products.update(priced.id, { name: 'Renamed', active: false });
    expect((await harness.stripe.products.list({ active: false })).data).toMatchObject([{ name: 'Renamed' }]);
  });

  it('has tax rates', async () => {
    const rate = await harness.stripe.taxRates.create({
      display_name: 'VAT',
      percentage: 19,
      inclusive: true,
      country: 'DE',
      tax_type: 'vat',
    });
    await harness.stripe.taxRates.update(rate.id, { active: false });
    expect(await harness.stripe.taxRates.retrieve(rate.id)).toMatchObject({ active: false, country: 'DE' });
    expect((await harness.stripe.taxRates.list({ inclusive: true })).data).toHaveLength(1);
  });

  it('has coupons', async () => {
    const half = await harness.stripe.coupons.create({ id: 'HALF', percent_off: 50 });
    expect(half).toMatchObject({ id: 'HALF', duration: 'once', valid: true });
    await harness.stripe.coupons.update('HALF', { name: 'Half' });
    expect((await harness.stripe.coupons.list()).data).toMatchObject([{ name: 'Half' }]);
    expect((await harness.stripe.coupons.retrieve('HALF')).percent_off).toBe(50);
    expect((await failureOf(harness.stripe.coupons.create({ percent_off: 5, amount_off: 5 }))).param).toBe(
      'percent_off',
    );
    expect(await harness.stripe.coupons.del('HALF')).toMatchObject({ deleted: true });
  });
});
