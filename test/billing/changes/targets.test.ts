import { describe, expect, test } from 'vitest';
import { payerOf } from '../../../src/billing/changes/live.ts';
import { targetsOf } from '../../../src/billing/changes/targets.ts';
import type { WantedChange } from '../../../src/billing/changes/wanted-change.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { policyFile } from '../../support/policy-file.ts';
import { item, price } from '../../support/subscription-records.ts';
import { plansAccess, plansOf } from '../../support/subscriptions.ts';

/** What is wanted in the names of the application, as prices of Stripe. */
const plansNamed = { ...plansAccess.plans, whole: { name: 'Whole', product: 'prod_whole', features: ['pro'] } };
const { deps, side } = await billingUnderTest({
  POLICY: policyFile({ access: { ...plansAccess, plans: plansNamed } }),
});
const plans = await plansOf(side);
const kept = (of: { id: string; product: unknown; lookup_key: string | null }, interval: 'month' | 'year' = 'month') =>
  price({ id: of.id, product: String(of.product), lookupKey: of.lookup_key, interval });
const basic = item({ price: kept(plans.basic) });
const yearly = item({ price: kept(plans.proYearly, 'year') });
const only = (terms: object): WantedChange => ({ only: terms, when: 'now' });
const targets = (wanted: WantedChange, there = [basic]) => targetsOf(wanted, there, deps);

describe('a plan', () => {
  test('means its price that comes round as now', async () => {
    expect(await targets(only({ plan: 'pro' }))).toMatchObject([
      { kind: 'changed', price: { id: plans.pro.id }, quantity: 1 },
    ]);
    const once = item({ price: { ...kept(plans.basic), interval: 'year' } });
    expect(await targets(only({ plan: 'pro' }), [once])).toMatchObject([{ price: { id: plans.proYearly.id } }]);
  });

  test('without such a price means its first', async () => {
    expect(await targets(only({ plan: 'basic' }), [yearly])).toMatchObject([{ price: { id: plans.basic.id } }]);
  });

  test('that it has already changes nothing, at whichever of its prices', async () => {
    expect(await targets(only({ plan: 'pro' }), [yearly])).toEqual([]);
    expect(await targets(only({ plan: 'pro', quantity: 2 }), [yearly])).toMatchObject([
      { kind: 'changed', price: { id: plans.proYearly.id }, quantity: 2 },
    ]);
  });

  test('that names a product alone needs a price', async () => {
    await expect(targets(only({ plan: 'whole' }))).rejects.toThrow(/price is required: plan whole names a product/);
  });
});

test('what was given of the quantity stays where nothing is said', async () => {
  const three = item({ price: kept(plans.basic), quantity: 3 });
  expect(await targets(only({ plan: 'pro' }), [three])).toMatchObject([{ quantity: 3 }]);
});

test('a price that nobody would be given anything for is refused', async () => {
  const product = await side.stripe.products.create({ name: 'Secret' });
  const params = { product: product.id, currency: 'eur', unit_amount: 5, recurring: { interval: 'month' as const } };
  const secret = await side.stripe.prices.create(params);
  await expect(targets(only({ price: secret.id }))).rejects.toThrow(/is of no plan of the policy/);
});

test('a further item of a product that is there already is not meant', async () => {
  const add = (plan: string, more: WantedChange['items'] = []): WantedChange => ({
    items: [{ plan }, ...more],
    when: 'now',
  });
  await expect(targets(add('basic'))).rejects.toMatchObject({
    problems: [{ field: 'items.0.item', message: 'is required: si_1 is of this product already' }],
  });
  expect(await targets(add('pro'))).toMatchObject([{ kind: 'added' }]);
  expect(await targets(add('basic', [{ item: 'si_1', remove: true }]))).toMatchObject([
    { kind: 'added' },
    { kind: 'removed' },
  ]);
});

test('what is charged first is looked at in the order of Stripe', () => {
  const customer = { invoice_settings: { default_payment_method: 'pm_c' }, default_source: 'ba_c' };
  const of = (says: object, has: object | null = customer) =>
    payerOf(
      JSON.parse(JSON.stringify({ default_payment_method: null, default_source: null, ...says })),
      JSON.parse(JSON.stringify(has)),
    );
  expect(of({ default_payment_method: 'pm_s', default_source: 'ba_s' })).toBe('pm_s');
  expect(of({ default_payment_method: { id: 'pm_s' } })).toBe('pm_s');
  expect(of({ default_source: 'ba_s' })).toBe('ba_s');
  expect(of({})).toBe('pm_c');
  expect(of({}, { ...customer, invoice_settings: { default_payment_method: null } })).toBe('ba_c');
  expect(of({}, null)).toBeNull();
});
