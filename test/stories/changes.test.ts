import { describe, expect, test } from 'vitest';
import { syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import { featuresOf } from '../support/access.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { changesOf, DAY } from '../support/changes.ts';
import { policyFile } from '../support/policy-file.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** What becomes of a change at Stripe, and of what it gives: in both billing modes. */
const dollars = { name: 'Pro', prices: ['pro_usd'], features: ['pro'] };
const access = { ...plansAccess, plans: { ...plansAccess.plans, dollars } };
const billing = await billingUnderTest({ POLICY: policyFile({ access }) });
const { deps, side } = billing;
const { stripe } = side;
const plans = await plansOf(side);
const { begun, change, preview, confirm, invoices, useCard, pass } = changesOf(billing);

let people = 0;
async function subscribed(type: 'flexible' | 'classic', price = plans.basic.id, more: object = {}) {
  const who = `user-${++people}`;
  const made = await begun([{ price }], { metadata: { user_id: who }, billing_mode: { type }, ...more });
  return { ...made, who };
}
const sync = (id: string) => syncSubscription({ subscription: id }, deps);
const names = async (who: string) => Object.keys(await featuresOf(deps, who)).sort();
const live = (id: string) => stripe.subscriptions.retrieve(id);
const priceOf = async (id: string) => (await live(id)).items.data[0]?.price.id;
const toPro = { only: { plan: 'pro' }, when: 'now' } as const;
const toBasic = { only: { plan: 'basic' }, when: 'now' } as const;

describe.each(['flexible', 'classic'] as const)('%s', (mode) => {
  test('an upgrade that is paid is given at once, and what was shown is charged', async () => {
    const { id, who } = await subscribed(mode);
    await pass(10 * DAY);
    const { seen, change: made } = await change(id, toPro);
    expect(seen).toMatchObject({ takesEffect: 'when_paid', currency: 'eur' });
    expect(made).toMatchObject({ outcome: 'applied', charged_due: seen.dueNow, charged_total: seen.total });
    expect((await invoices(id)).at(-1)).toMatchObject({ amount_paid: seen.dueNow, total: seen.total });
    expect(await names(who)).toEqual(['basic', 'pro']);
  });

  test('an upgrade whose card is declined waits; nothing is given until it is paid', async () => {
    const { id, who, customer } = await subscribed(mode);
    await useCard(customer, 'pm_card_chargeCustomerFail');
    await pass(10 * DAY);
    const { seen, change: made } = await change(id, toPro);
    expect(made).toMatchObject({
      outcome: 'waiting',
      charged_due: seen.dueNow,
      pay_url: expect.stringMatching(/^http/),
      effect_at: expect.any(Date),
    });
    expect([await priceOf(id), (await live(id)).status]).toEqual([plans.basic.id, 'active']);
    expect(await names(who)).toEqual(['basic']);
    // While it waits, another one is refused, with what to do.
    await expect(preview(id, { only: { quantity: 2 }, when: 'now' })).rejects.toThrow(
      /waits for the payment of invoice/,
    );

    await useCard(customer, 'pm_card_visa');
    await stripe.invoices.pay(made.invoice ?? '');
    await sync(id);
    expect(await priceOf(id)).toBe(plans.pro.id);
    expect(await names(who)).toEqual(['basic', 'pro']);
  });

  test('an upgrade that nobody pays is dropped by Stripe, and can be asked for again', async () => {
    const { id, who, customer } = await subscribed(mode);
    await useCard(customer, 'pm_card_chargeCustomerFail');
    await pass(5 * DAY);
    const { change: made } = await change(id, toPro);
    await pass(24 * 3_600);
    await sync(id);
    expect((await stripe.invoices.retrieve(made.invoice ?? '')).status).toBe('void');
    expect([await priceOf(id), await names(who)]).toEqual([plans.basic.id, ['basic']]);
    await useCard(customer, 'pm_card_visa');
    expect((await change(id, toPro)).change.outcome).toBe('applied');
  });

  test('a card that wants to see its owner waits for him', async () => {
    const { id, who, customer } = await subscribed(mode);
    await useCard(customer, 'pm_card_authenticationRequired');
    await pass(5 * DAY);
    const { change: made } = await change(id, toPro);
    expect([made.outcome, await names(who)]).toEqual(['waiting', ['basic']]);
  });

  test('a downgrade at once gives credit to the balance, which the next upgrade uses', async () => {
    const { id, who } = await subscribed(mode, plans.pro.id);
    await pass(10 * DAY);
    const down = await change(id, toBasic);
    expect(down.seen).toMatchObject({ dueNow: 0, balanceUsed: 0, takesEffect: 'at_once' });
    expect(down.seen.total).toBeLessThan(0);
    expect(await names(who)).toEqual(['basic']);
    await pass(DAY);
    const up = await change(id, toPro);
    expect(up.seen).toMatchObject({ dueNow: up.seen.total - up.seen.balanceUsed });
    expect(up.seen.balanceUsed).toBe(Math.min(-down.seen.total, up.seen.total));
    expect(up.change).toMatchObject({ charged_due: up.seen.dueNow, charged_total: up.seen.total });
  });

  test('a downgrade at the end of the period costs nothing, and begins with the next', async () => {
    const { id, who } = await subscribed(mode, plans.pro.id);
    await pass(10 * DAY);
    const { seen, change: made } = await change(id, { ...toBasic, when: 'period_end' });
    expect(seen).toMatchObject({ dueNow: 0, total: 0, takesEffect: 'period_end', renewal: { total: 1_000 } });
    expect(made).toMatchObject({ outcome: 'scheduled', effect_at: seen.takesEffectAt, charged_due: 0 });
    expect([await priceOf(id), await names(who)]).toEqual([plans.pro.id, ['basic', 'pro']]);
    await expect(preview(id, toBasic)).rejects.toThrow(/managed by schedule sub_sched_.*Release the schedule/);

    const { created, items } = await live(id);
    await pass((items.data[0]?.current_period_end ?? 0) - created - 10 * DAY + 60);
    await sync(id);
    expect(await priceOf(id)).toBe(plans.basic.id);
    // Its first invoice is a draft for an hour: nothing is taken meanwhile.
    expect((await invoices(id)).at(-1)).toMatchObject({ status: 'draft' });
    expect(await names(who)).toEqual(['basic']);

    await pass(2 * DAY);
    await sync(id);
    expect((await invoices(id)).at(-1)).toMatchObject({ total: seen.renewal?.total, status: 'paid' });
    expect(await names(who)).toEqual(['basic']);
    // The schedule has let go of it.
    expect((await live(id)).schedule).toBeNull();
  });

  test('a change in a trial keeps the trial, and charges nothing', async () => {
    const trialEnd = (await live((await subscribed(mode)).id)).created + 14 * DAY;
    const { id, who } = await subscribed(mode, plans.basic.id, { trial_end: trialEnd });
    await pass(DAY);
    const { seen, change: made } = await change(id, toPro);
    expect(seen).toMatchObject({ dueNow: 0, total: 0, prorationDate: null, takesEffect: 'at_once' });
    expect(made).toMatchObject({ outcome: 'applied', charged_due: 0, charged_total: 0, invoice: null });
    expect(await live(id)).toMatchObject({ status: 'trialing', trial_end: trialEnd });
    expect(await names(who)).toEqual(['basic', 'pro']);
    // There and back and there again are three changes.
    expect((await change(id, toBasic)).change.outcome).toBe('applied');
    expect((await change(id, toPro)).change.id).not.toBe(made.id);
    expect(await priceOf(id)).toBe(plans.pro.id);
    await expect(preview(id, { ...toBasic, when: 'period_end' })).rejects.toThrow(/is on trial: change it now/);
  });

  test('from the month to the year a new period begins, and is charged now', async () => {
    const { id, who } = await subscribed(mode, plans.pro.id);
    await pass(10 * DAY);
    const { seen, change: made } = await change(id, { only: { plan: 'pro', price: 'pro_yearly' }, when: 'now' });
    expect(seen.total).toBeGreaterThan(27_000);
    expect(made).toMatchObject({ outcome: 'applied', charged_due: seen.dueNow, charged_total: seen.total });
    expect(await names(who)).toEqual(['basic', 'pro']);
  });

  test('from the month to the year at the end of the period, the year is charged then', async () => {
    const { id, who } = await subscribed(mode, plans.pro.id);
    const toYear = { only: { plan: 'pro', price: 'pro_yearly' }, when: 'period_end' } as const;
    const { seen, change: made } = await change(id, toYear);
    expect([seen.renewal?.total, made.outcome]).toEqual([30_000, 'scheduled']);
    await pass(33 * DAY);
    await sync(id);
    expect((await invoices(id)).at(-1)).toMatchObject({ total: 30_000, status: 'paid' });
    expect([await priceOf(id), await names(who)]).toEqual([plans.proYearly.id, ['basic', 'pro']]);
  });

  test('each of several items changes by its id: one grows, one goes, and one comes', async () => {
    const { id } = await begun([{ price: plans.basic.id }, { price: plans.seats.id, quantity: 3 }], {
      billing_mode: { type: mode },
    });
    const [basic, seats] = (await live(id)).items.data;
    await pass(10 * DAY);
    await expect(preview(id, toPro)).rejects.toMatchObject({
      problems: [{ field: 'items', message: expect.stringContaining(`${basic?.id} (basic_monthly)`) }],
    });
    await expect(preview(id, { items: [{ item: 'si_other', plan: 'pro' }], when: 'now' })).rejects.toMatchObject({
      problems: [{ field: 'items.0.item' }],
    });
    const grown = await change(id, { items: [{ item: seats?.id, quantity: 8 }], when: 'now' });
    expect(grown.change).toMatchObject({ charged_due: grown.seen.dueNow, outcome: 'applied' });
    const swapped = await change(id, {
      items: [{ item: basic?.id, remove: true }, { plan: 'pro' }],
      when: 'now',
    });
    expect(swapped.change).toMatchObject({ charged_total: swapped.seen.total, outcome: 'applied' });
    const after = (await live(id)).items.data.map(({ price, quantity }) => [price.id, quantity]);
    expect(new Set(after.map(String))).toEqual(new Set([`${plans.seats.id},8`, `${plans.pro.id},1`]));
  });
});

test('what can’t wait at Stripe is invoiced, and given when it is paid', async () => {
  const { id, who, customer } = await subscribed('flexible');
  const debit = await stripe.paymentMethods.create({
    type: 'sepa_debit',
    sepa_debit: { iban: 'DE89370400440532013000' },
    billing_details: { name: 'Ada', email: 'ada@example.com' },
  });
  await useCard(customer, debit.id);
  await pass(5 * DAY);
  const { seen, change: made } = await change(id, toPro);
  expect(made).toMatchObject({ outcome: 'waiting', charged_due: seen.dueNow, effect_at: null });
  expect([await priceOf(id), await names(who)]).toEqual([plans.pro.id, ['basic']]);
  await side.control('POST', '/_sim/payments/settle', {});
  await sync(id);
  expect(await names(who)).toEqual(['basic', 'pro']);
});

test('an item that goes with one that costs more is not made when the card is declined', async () => {
  const { id, customer, item } = await begun([{ price: plans.basic.id }]);
  await useCard(customer, 'pm_card_chargeCustomerFail');
  await pass(5 * DAY);
  const wanted = { items: [{ item, remove: true }, { plan: 'pro' }], when: 'now' } as const;
  const seen = await preview(id, wanted);
  await expect(confirm(id, wanted, seen)).rejects.toThrow(/nothing was changed/);
  expect(await priceOf(id)).toBe(plans.basic.id);
  await useCard(customer, 'pm_card_visa');
  expect(await confirm(id, wanted, seen)).toMatchObject({ end: 'made', change: { outcome: 'applied' } });
});

test('a preview holds for an hour', async () => {
  const { id } = await subscribed('flexible');
  await pass(DAY);
  const seen = await preview(id, toPro);
  await pass(3_500);
  const later = await preview(id, { only: { quantity: 2 }, when: 'now' });
  await pass(200);
  expect(await confirm(id, toPro, seen)).toMatchObject({ end: 'stale', why: 'age' });
  expect(await confirm(id, { only: { quantity: 2 }, when: 'now' }, later)).toMatchObject({ end: 'made' });
});

test('a price in another currency is refused, with what to do instead', async () => {
  await stripe.prices.create({
    product: String(plans.pro.product),
    currency: 'usd',
    unit_amount: 3_000,
    recurring: { interval: 'month' },
    lookup_key: 'pro_usd',
  });
  const { id } = await subscribed('flexible');
  const inDollars = preview(id, { only: { plan: 'dollars' }, when: 'now' });
  await expect(inDollars).rejects.toThrow(/pro_usd is in usd, and a subscription keeps its currency, eur/);
});
