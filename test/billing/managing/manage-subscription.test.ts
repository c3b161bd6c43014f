import type Stripe from 'stripe';
import { afterEach, describe, expect, test } from 'vitest';
import type { Deed } from '../../../src/billing/managing/deed.ts';
import { manageSubscription } from '../../../src/billing/managing/manage-subscription.ts';
import { standingOf } from '../../../src/billing/subscriptions/standing.ts';
import { findSubscription } from '../../../src/billing/subscriptions/subscriptions.ts';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../../src/platform/db.ts';
import { featuresOf } from '../../support/access.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { policyFile } from '../../support/policy-file.ts';
import { customerWithCard, plansAccess, plansOf } from '../../support/subscriptions.ts';

/** Cancelling, resuming, pausing and unpausing, against a simulated Stripe, in both billing modes. */
const { deps, side } = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { db, stripe } = deps;
const plans = await plansOf(side);
const by = { actor: 'test', reason: 'he asked for it' };
afterEach(() => side.endFaults());

let people = 0;
async function subscribed(params: Partial<Stripe.SubscriptionCreateParams> = {}) {
  const who = `user-${++people}`;
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: who },
    ...params,
  });
  await syncSubscription({ subscription: id }, deps);
  return { id, who, customer: customer.id };
}
const manage = (id: string, deed: Deed) => manageSubscription(id, deed, by, deps);
const features = async (who: string) => Object.keys(await featuresOf(deps, who)).sort();
const standing = async (id: string) => {
  const kept = await findSubscription(db, id);
  return kept && standingOf(kept);
};
const audited = async (id: string) =>
  (await rows<{ action: string }>(db, 'SELECT action FROM audit_log WHERE subject = ? ORDER BY id', [id])).map(
    ({ action }) => action,
  );
/** What Stripe was asked to do, without what it was asked about. */
async function writes(): Promise<string[]> {
  const asked = (await side.requests()).filter(
    ({ method, executed, status }) => method !== 'GET' && executed && status < 400,
  );
  await side.forgetRequests();
  return asked.map(({ method, template }) => `${method} ${template}`);
}
const UPDATED = 'POST /v1/subscriptions/{id}';

const cancelNow: Deed = { deed: 'cancel', when: 'now', invoiceNow: false };
const cancelAtEnd: Deed = { deed: 'cancel', when: 'period_end' };
const resume: Deed = { deed: 'resume' };
const pause: Deed = { deed: 'pause', what: 'subscription' };
const pauseCollection: Deed = { deed: 'pause', what: 'collection', invoices: 'void', until: null };
const unpause: Deed = { deed: 'unpause' };

describe.each(['flexible', 'classic'] as const)('a subscription with %s billing', (type) => {
  const made = () => subscribed({ billing_mode: { type } });

  test('that is canceled now gives nothing from then on; asked again, nothing is done', async () => {
    const { id, who } = await made();
    expect(await features(who)).toEqual(['basic', 'pro']);
    await writes();
    expect(await manage(id, cancelNow)).toEqual({ changed: true, done: { is: 'ended' } });
    expect([await features(who), await standing(id)]).toMatchObject([[], { status: 'canceled' }]);
    expect(await manage(id, cancelNow)).toEqual({ changed: false, done: { is: 'ended' } });
    expect(await writes()).toEqual(['DELETE /v1/subscriptions/{id}']);
    expect(await audited(id)).toEqual(['subscription.cancel']);
  });

  test('that is canceled with its period gives what it gave until then, and can be resumed', async () => {
    const { id, who } = await made();
    const end = (await findSubscription(db, id))?.items[0]?.periodEnd;
    expect(await manage(id, cancelAtEnd)).toEqual({ changed: true, done: { is: 'ends', at: end } });
    expect(await standing(id)).toMatchObject({ status: 'active', why: 'ends', endsAt: end });
    expect((await featuresOf(deps, who)).pro?.until).toBe(end?.toISOString());
    expect(await manage(id, cancelAtEnd)).toMatchObject({ changed: false });
    expect(await manage(id, resume)).toEqual({ changed: true, done: { is: 'goes_on' } });
    expect(await standing(id)).toMatchObject({ status: 'active', why: null, endsAt: null });
    expect(await manage(id, resume)).toMatchObject({ changed: false });
    expect(await audited(id)).toEqual(['subscription.cancel', 'subscription.resume']);
  });

  test('that its customer has canceled on Stripe’s page is resumed by what that page has set', async () => {
    const { id } = await made();
    await portalCancels(id, type);
    await syncSubscription({ subscription: id }, deps);
    const live = await stripe.subscriptions.retrieve(id);
    expect([live.cancel_at_period_end, live.cancel_at !== null]).toEqual([type === 'classic', true]);
    expect(await standing(id)).toMatchObject({ why: 'ends' });
    await manage(id, resume);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at: null, cancel_at_period_end: false });
  });

  test('can be canceled, resumed and canceled again within a minute', async () => {
    const { id } = await made();
    for (const deed of [cancelAtEnd, resume, cancelAtEnd, resume, cancelAtEnd]) {
      expect(await manage(id, deed)).toMatchObject({ changed: true });
    }
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ cancel_at_period_end: true });
  });

  test('whose collection is paused stays active; the same pause again is none, another one is', async () => {
    const { id, who } = await made();
    await writes();
    const until = new Date(Math.ceil(Date.now() / 1000) * 1000 + 5 * 86_400_000);
    expect(await manage(id, pauseCollection)).toMatchObject({ changed: true });
    expect(await standing(id)).toMatchObject({ status: 'active', why: 'collection_paused' });
    expect(await manage(id, pauseCollection)).toMatchObject({ changed: false });
    expect(await manage(id, { ...pauseCollection, until })).toEqual({
      changed: true,
      done: { is: 'collection_paused', until },
    });
    expect(await features(who)).toEqual(['basic', 'pro']);
    expect(await manage(id, unpause)).toMatchObject({ changed: true, done: { is: 'goes_on' } });
    expect(await manage(id, unpause)).toMatchObject({ changed: false });
    expect(await writes()).toEqual([UPDATED, UPDATED, UPDATED]);
    expect(await standing(id)).toMatchObject({ status: 'active', why: null });
  });
});

test('several intervals end with the longest of them, which is paid for', async () => {
  const { id } = await subscribed({ items: [{ price: plans.proYearly.id }, { price: plans.seats.id, quantity: 2 }] });
  const ends = (await findSubscription(db, id))?.items.map(({ periodEnd }) => periodEnd.getTime()) ?? [];
  const at = new Date(Math.max(...ends));
  expect(await manage(id, cancelAtEnd)).toEqual({ changed: true, done: { is: 'ends', at } });
  expect(await manage(id, resume)).toMatchObject({ changed: true });
});

describe('a subscription that is paused as a whole', () => {
  test('gives nothing; resumed, it gives again what its plan gives once that is paid', async () => {
    const { id, who } = await subscribed();
    expect(await manage(id, pause)).toEqual({ changed: true, done: { is: 'paused' } });
    expect([await features(who), await standing(id)]).toMatchObject([[], { status: 'canceled', why: 'paused' }]);
    expect(await manage(id, pause)).toMatchObject({ changed: false });
    expect(await manage(id, resume)).toEqual({ changed: true, done: { is: 'goes_on' } });
    expect(await features(who)).toEqual(['basic', 'pro']);
  });

  test('is not resumed before it is paid, and asked for again makes no second invoice', async () => {
    const { id, who, customer } = await subscribed({ trial_period_days: 7 });
    await manage(id, pause);
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
    await writes();
    const { done } = await manage(id, resume);
    expect(done).toMatchObject({ is: 'waits_for_payment', url: expect.stringMatching(/^http/) });
    expect([await features(who), await standing(id)]).toMatchObject([[], { status: 'canceled', why: 'paused' }]);
    expect(await manage(id, unpause)).toEqual({ changed: false, done });
    expect(await manage(id, resume)).toEqual({ changed: false, done });
    expect(await writes()).toEqual(['POST /v1/subscriptions/{id}/resume']);
    const good = await stripe.paymentMethods.attach('pm_card_visa', { customer });
    await stripe.invoices.pay('invoice' in done ? done.invoice : '', { payment_method: good.id });
    await syncSubscription({ subscription: id }, deps);
    expect(await features(who)).toEqual(['basic', 'pro']);
  });

  test('can be paused and resumed again within a minute', async () => {
    const { id } = await subscribed();
    for (const deed of [pause, resume, pause, unpause]) expect(await manage(id, deed)).toMatchObject({ changed: true });
    expect(await standing(id)).toMatchObject({ status: 'active' });
  });

  test('and is to end as well, goes on for good when it is resumed', async () => {
    const { id } = await subscribed();
    await manage(id, cancelAtEnd);
    await manage(id, pause);
    await writes();
    expect(await manage(id, resume)).toEqual({ changed: true, done: { is: 'goes_on' } });
    expect(await writes()).toEqual([UPDATED, 'POST /v1/subscriptions/{id}/resume']);
  });
});

test('what Stripe says now decides, not what is kept here', async () => {
  const { id } = await subscribed();
  await stripe.subscriptions.cancel(id);
  expect(await standing(id)).toMatchObject({ status: 'active' });
  await expect(manage(id, resume)).rejects.toThrow(/is canceled, for good/);
  expect(await audited(id)).toEqual([]);
  expect(await manage(id, cancelNow)).toMatchObject({ changed: false });
  expect(await standing(id)).toMatchObject({ status: 'canceled' });
});

test('a schedule decides alone, and the refusal says so', async () => {
  const { id } = await subscribed();
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id });
  await writes();
  await expect(manage(id, cancelAtEnd)).rejects.toThrow(`decided by its schedule ${schedule.id}`);
  await expect(manage(id, pause)).rejects.toThrow(/release the schedule first/);
  expect(await writes()).toEqual([]);
  expect(await manage(id, cancelNow)).toMatchObject({ changed: true });
});

test('one that was there before us is managed, too; one that is nowhere is not', async () => {
  const customer = await customerWithCard(side);
  const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.pro.id }] });
  expect(await manage(id, cancelAtEnd)).toMatchObject({ changed: true });
  expect(await standing(id)).toMatchObject({ why: 'ends' });
  await expect(manage('sub_none', cancelNow)).rejects.toThrow('There is no subscription sub_none.');
});

test('the last invoice bills what waits, if that is asked for', async () => {
  const { id } = await subscribed();
  const item = (await stripe.subscriptions.retrieve(id)).items.data[0]?.id ?? '';
  await stripe.subscriptions.update(id, { items: [{ id: item, quantity: 2 }] });
  await manage(id, { ...cancelNow, invoiceNow: true });
  const { data } = await stripe.invoices.list({ subscription: id });
  expect(data).toMatchObject([{ total: 3_000, status: 'paid' }, { total: 3_000 }]);
});

describe('asked for twenty times at once', () => {
  test.each<[string, Deed, string]>([
    ['cancel now', cancelNow, 'DELETE /v1/subscriptions/{id}'],
    ['cancel at the end', cancelAtEnd, UPDATED],
    ['pause', pause, 'POST /v1/subscriptions/{id}/pause'],
    ['pause the collection', pauseCollection, UPDATED],
  ])('%s leads to one request', async (_what, deed, request) => {
    const { id } = await subscribed();
    await writes();
    const all = await Promise.all(Array.from({ length: 20 }, () => manage(id, deed)));
    expect(all.filter(({ changed }) => changed)).toHaveLength(1);
    expect([await writes(), await audited(id)]).toEqual([[request], [`subscription.${deed.deed}`]]);
  });
});

describe('when the answer of Stripe is lost', () => {
  const steps: [string, Deed[], Deed, 'DELETE' | 'POST', string][] = [
    ['cancel now', [], cancelNow, 'DELETE', '/v1/subscriptions/{id}'],
    ['cancel at the end', [], cancelAtEnd, 'POST', '/v1/subscriptions/{id}'],
    ['resume', [cancelAtEnd], resume, 'POST', '/v1/subscriptions/{id}'],
    ['pause', [], pause, 'POST', '/v1/subscriptions/{id}/pause'],
    ['resume a paused one', [pause], resume, 'POST', '/v1/subscriptions/{id}/resume'],
  ];
  test.each(steps)('once, %s is done all the same', async (_what, before, deed, method, path) => {
    const { id } = await subscribed();
    for (const each of before) await manage(id, each);
    await side.fault({ kind: 'drop', method, path, count: 1 });
    expect(await manage(id, deed)).toMatchObject({ changed: true });
    expect(await side.struck()).toBe(1);
  });

  test.each(steps)('every time, %s is found done by whoever asks again', async (_what, before, deed, method, path) => {
    const { id } = await subscribed();
    for (const each of before) await manage(id, each);
    await writes();
    await side.fault({ kind: 'drop', method, path });
    await manage(id, deed).catch((error: unknown) => expect(String(error)).toMatch(/connection/i));
    await side.endFaults();
    expect(await manage(id, deed)).toMatchObject({ changed: false });
    // What is deleted has no key to repeat it under: the library asks again, and Stripe has nothing to cancel any more.
    expect(new Set(await writes()).size).toBe(1);
    const ends = (await side.events()).filter(({ type, data }) => /deleted$/.test(type) && data.object.id === id);
    expect(ends).toHaveLength(method === 'DELETE' ? 1 : 0);
    expect(await audited(id)).toHaveLength(before.length + 1);
  });
});

test('a late word of an old subscription touches only what that one gave', async () => {
  const old = await subscribed({ items: [{ price: plans.seats.id, quantity: 2 }] });
  await manage(old.id, cancelNow);
  const { id } = await stripe.subscriptions.create({
    customer: old.customer,
    items: [{ price: plans.pro.id }],
    metadata: { user_id: old.who },
  });
  await syncSubscription({ subscription: id }, deps);
  const before = await featuresOf(deps, old.who);
  await syncSubscription({ subscription: old.id }, deps);
  expect(await featuresOf(deps, old.who)).toEqual(before);
  expect(await features(old.who)).toEqual(['basic', 'pro']);
});

/** As the page that a customer gets would do it. */
async function portalCancels(id: string, type: 'flexible' | 'classic'): Promise<void> {
  const { items } = await stripe.subscriptions.retrieve(id);
  const cancel_at = items.data[0]?.current_period_end ?? 0;
  await stripe.subscriptions.update(id, type === 'flexible' ? { cancel_at } : { cancel_at_period_end: true });
}
