import type Stripe from 'stripe';
import { beforeAll, describe, expect, test } from 'vitest';
import { refusal, type Simulated, simulated } from '../invoicing/simulated.ts';
import {
  customerWith,
  DAY,
  HOUR,
  invoicesOf,
  itemOf,
  passPeriod,
  priceOf,
  statusOf,
  subscribe,
  useCard,
} from './subscribed.ts';

let sim: Simulated;
let stripe: Stripe;

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
});

const now = (): number => sim.world.firstAccount().clock.now();

/** Moves to the middle of the current period, to the second. */
function halfway(subscription: Stripe.Subscription): number {
  const { current_period_start: start, current_period_end: end } = itemOf(subscription);
  const middle = start + (end - start) / 2;
  sim.advance(middle - now());
  return middle;
}

const totals = async (id: string) => (await invoicesOf(sim, id)).map(({ total }) => total);

describe('a change of plan', () => {
  test('leaves its prorations waiting for the next invoice', async () => {
    const subscription = await subscribe(sim);
    const item = itemOf(subscription);
    const proration_date = halfway(subscription);
    sim.newEvents();
    const items = [{ id: item.id, price: await priceOf(sim, 3000) }];
    const after = await stripe.subscriptions.update(subscription.id, { items, proration_date });
    expect(itemOf(after)).toMatchObject({ id: item.id, price: { unit_amount: 3000 } });
    expect(itemOf(after).current_period_end).toBe(item.current_period_end);
    expect(sim.newEvents().slice(-3)).toEqual([
      'invoiceitem.created',
      'invoiceitem.created',
      'customer.subscription.updated',
    ]);
    const { data } = await stripe.invoiceItems.list({ customer: `${subscription.customer}`, pending: true });
    expect(data.map(({ amount, proration }) => [amount, proration])).toEqual([
      [1500, true],
      [-500, true],
    ]);
    expect(data[1]).toMatchObject({
      parent: { subscription_details: { subscription: subscription.id, subscription_item: item.id } },
      proration_details: { credited_items: { invoice_line_item_details: { invoice: subscription.latest_invoice } } },
    });
    passPeriod(sim, item.current_period_end);
    const [, renewal] = await invoicesOf(sim, subscription.id);
    expect(renewal?.lines.data.map(({ amount }) => amount)).toEqual([-500, 1500, 3000]);
    expect(renewal?.lines.data[0]?.parent?.subscription_item_details).toMatchObject({
      proration: true,
      subscription_item: item.id,
      proration_details: { credited_items: { invoice: subscription.latest_invoice } },
    });
  });

  test('can be invoiced at once, or not prorated at all', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    const item = itemOf(subscription).id;
    const proration_date = halfway(subscription);
    const bigger = [{ id: item, price: await priceOf(sim, 3000) }];
    await stripe.subscriptions.update(id, { items: bigger, proration_behavior: 'always_invoice', proration_date });
    expect(await totals(id)).toEqual([1000, 1000]);
    expect((await invoicesOf(sim, id))[1]).toMatchObject({ status: 'paid', billing_reason: 'subscription_update' });
    const smaller = [{ id: item, price: await priceOf(sim, 500) }];
    await stripe.subscriptions.update(id, { items: smaller, proration_behavior: 'none' });
    expect(await totals(id)).toEqual([1000, 1000]);
    expect((await stripe.invoiceItems.list({ pending: true, customer: `${subscription.customer}` })).data).toEqual([]);
  });

  test('to another interval begins anew and is billed at once', async () => {
    const subscription = await subscribe(sim);
    halfway(subscription);
    const items = [{ id: itemOf(subscription).id, price: await priceOf(sim, 10_000, { interval: 'year' }) }];
    const after = await stripe.subscriptions.update(subscription.id, { items });
    const item = itemOf(after);
    expect(item.current_period_start).toBe(after.billing_cycle_anchor);
    expect(item.current_period_end - item.current_period_start).toBeGreaterThan(364 * DAY);
    const [, change] = await invoicesOf(sim, subscription.id);
    expect(change?.lines.data.map(({ amount }) => Math.round(amount / 10) * 10)).toEqual([-500, 10_000]);
    expect(change?.status).toBe('paid');
  });

  test('gives what is too much to the balance of the customer', async () => {
    const subscription = await subscribe(sim, { amount: 3000 });
    const proration_date = halfway(subscription);
    const items = [{ id: itemOf(subscription).id, price: await priceOf(sim, 1000) }];
    await stripe.subscriptions.update(subscription.id, { items, proration_behavior: 'always_invoice', proration_date });
    expect(await totals(subscription.id)).toEqual([3000, -1000]);
    expect(await stripe.customers.retrieve(`${subscription.customer}`)).toMatchObject({ balance: -1000 });
  });

  test('adds items, removes them, and never falls back to another one', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    const first = itemOf(subscription).id;
    const price = await priceOf(sim, 200);
    const added = await stripe.subscriptions.update(id, { items: [{ price, quantity: 2 }] });
    expect(added.items.data.map(({ quantity }) => quantity)).toEqual([1, 2]);
    const second = added.items.data[1]?.id ?? '';
    const other = await subscribe(sim);
    const foreign = stripe.subscriptions.update(id, { items: [{ id: itemOf(other).id, quantity: 3 }] });
    expect(await refusal(foreign)).toMatchObject({ statusCode: 400, param: 'items[0][id]' });
    expect((await refusal(stripe.subscriptions.update(id, { items: [{ price }] }))).message).toMatch(/same price/);
    await stripe.subscriptionItems.update(second, { quantity: 5 });
    expect((await stripe.subscriptionItems.retrieve(second)).quantity).toBe(5);
    expect(await stripe.subscriptionItems.del(second)).toMatchObject({ deleted: true });
    expect((await stripe.subscriptions.retrieve(id)).items.data.map((item) => item.id)).toEqual([first]);
    const last = stripe.subscriptions.update(id, { items: [{ id: first, deleted: true }] });
    expect((await refusal(last)).message).toMatch(/at least one active item/);
    const again = await stripe.subscriptionItems.create({ subscription: id, price });
    expect(again).toMatchObject({ subscription: id, price: { id: price } });
  });

  test('takes no proration date where the period begins anew, and none outside of the period', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    const both = stripe.subscriptions.update(id, { billing_cycle_anchor: { type: 'now' }, proration_date: now() });
    expect((await refusal(both)).param).toBe('proration_date');
    const items = [{ id: itemOf(subscription).id, quantity: 2 }];
    const late = stripe.subscriptions.update(id, { items, proration_date: now() + 400 * DAY });
    expect((await refusal(late)).message).toMatch(/outside of the current billing period/);
  });
});

describe('a second change within a period', () => {
  /** From 10.00 to 30.00 at one third without proration, then to 60.00 at two thirds, invoiced. */
  async function changedTwice(type: 'classic' | 'flexible'): Promise<readonly number[]> {
    const subscription = await subscribe(sim, { billing_mode: { type } });
    const { id, current_period_start: start, current_period_end: end } = itemOf(subscription);
    const third = (end - start) / 3;
    sim.advance(third);
    const middle = [{ id, price: await priceOf(sim, 3000) }];
    await stripe.subscriptions.update(subscription.id, { items: middle, proration_behavior: 'none' });
    sim.advance(third);
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id, price: await priceOf(sim, 6000) }],
      proration_behavior: 'always_invoice',
      proration_date: start + 2 * third,
    });
    const [, invoice] = await invoicesOf(sim, subscription.id);
    return invoice?.lines.data.map(({ amount }) => amount) ?? [];
  }

  test('credits what was really charged in flexible billing', async () => {
    expect(await changedTwice('flexible')).toEqual([-333, 2000]);
  });

  test('credits by the price in classic billing, whatever was paid', async () => {
    expect(await changedTwice('classic')).toEqual([-1000, 2000]);
  });
});

describe('a change whose payment fails', () => {
  async function onFailingCard(): Promise<{
    id: string;
    customer: string;
    items: Stripe.SubscriptionUpdateParams.Item[];
  }> {
    const subscription = await subscribe(sim);
    const customer = `${subscription.customer}`;
    halfway(subscription);
    await useCard(stripe, customer, 'pm_card_chargeCustomerFail');
    const items = [{ id: itemOf(subscription).id, price: await priceOf(sim, 3000) }];
    return { id: subscription.id, customer, items };
  }
  const priceNow = async (id: string) => itemOf(await stripe.subscriptions.retrieve(id)).price.unit_amount;

  test('is made all the same, and the subscription is past due', async () => {
    const { id, items } = await onFailingCard();
    await stripe.subscriptions.update(id, { items, proration_behavior: 'always_invoice' });
    expect([await priceNow(id), await statusOf(sim, id)]).toEqual([3000, 'past_due']);
  });

  test('is not made with error_if_incomplete', async () => {
    const { id, items } = await onFailingCard();
    const failed = stripe.subscriptions.update(id, {
      items,
      proration_behavior: 'always_invoice',
      payment_behavior: 'error_if_incomplete',
    });
    expect(await refusal(failed)).toMatchObject({ statusCode: 402, code: 'card_declined' });
    expect([await priceNow(id), await statusOf(sim, id), await totals(id)]).toEqual([1000, 'active', [1000]]);
  });

  const pending = { proration_behavior: 'always_invoice', payment_behavior: 'pending_if_incomplete' } as const;

  test('waits with pending_if_incomplete until its invoice is paid', async () => {
    const { id, customer, items } = await onFailingCard();
    sim.newEvents();
    const waiting = await stripe.subscriptions.update(id, { items, ...pending });
    expect(waiting).toMatchObject({
      status: 'active',
      pending_update: { subscription_items: [{ price: { unit_amount: 3000 } }] },
    });
    expect(waiting.pending_update?.expires_at).toBeLessThanOrEqual(now() + 23 * HOUR);
    expect(await priceNow(id)).toBe(1000);
    await useCard(stripe, customer, 'pm_card_visa');
    await stripe.invoices.pay(`${waiting.latest_invoice}`);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active', pending_update: null });
    expect(await priceNow(id)).toBe(3000);
    expect(sim.newEvents()).toContain('customer.subscription.pending_update_applied');
  });

  test('that waits is dropped after 23 hours, its invoice void', async () => {
    const { id, items } = await onFailingCard();
    await stripe.subscriptions.update(id, { items, ...pending });
    sim.newEvents();
    sim.advance(23 * HOUR + 60);
    expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'active', pending_update: null });
    expect(await priceNow(id)).toBe(1000);
    expect((await invoicesOf(sim, id))[1]).toMatchObject({ status: 'void' });
    expect(sim.newEvents()).toContain('customer.subscription.pending_update_expired');
  });

  test('waits for nothing else than what Stripe lets wait', async () => {
    const { id, items } = await onFailingCard();
    const wrong = stripe.subscriptions.update(id, { items, ...pending, metadata: { a: '1' } });
    expect(await refusal(wrong)).toMatchObject({ param: 'metadata' });
    const gone = [...items, { id: itemOf(await stripe.subscriptions.retrieve(id)).id, deleted: true }];
    const removed = stripe.subscriptions.update(id, { items: gone, ...pending });
    expect(await refusal(removed)).toMatchObject({ param: 'items[1][deleted]' });
  });

  test('keeps its currency, also where all of its items change', async () => {
    const subscription = await subscribe(sim);
    const { id: product } = await stripe.products.create({ name: 'Abroad' });
    const abroad = await stripe.prices.create({
      product,
      currency: 'usd',
      unit_amount: 1000,
      recurring: { interval: 'month' },
    });
    const wrong = stripe.subscriptions.update(subscription.id, {
      items: [{ id: itemOf(subscription).id, price: abroad.id }],
    });
    expect(await refusal(wrong)).toMatchObject({ param: 'items' });
  });

  test('does not wait for a bank debit, which takes days', async () => {
    const subscription = await subscribe(sim);
    const debit = await stripe.paymentMethods.create({
      type: 'sepa_debit',
      sepa_debit: { iban: 'DE89370400440532013000' },
      billing_details: { name: 'Ada', email: 'ada@example.com' },
    });
    await useCard(stripe, `${subscription.customer}`, debit.id);
    const items = [{ id: itemOf(subscription).id, price: await priceOf(sim, 3000) }];
    const wrong = stripe.subscriptions.update(subscription.id, { items, ...pending });
    expect(await refusal(wrong)).toMatchObject({ param: 'payment_behavior' });
  });

  test('is previewed from the moment that it counts from', async () => {
    const subscription = await subscribe(sim);
    halfway(subscription);
    const details = { items: [{ id: itemOf(subscription).id, price: await priceOf(sim, 3000) }] };
    const preview = await stripe.invoices.createPreview({
      subscription: subscription.id,
      subscription_details: { ...details, proration_behavior: 'always_invoice' },
    });
    expect(preview.parent?.subscription_details).toMatchObject({ subscription_proration_date: now() });
  });

  test('that can be paid does not wait', async () => {
    const subscription = await subscribe(sim);
    halfway(subscription);
    const items = [{ id: itemOf(subscription).id, price: await priceOf(sim, 3000) }];
    const after = await stripe.subscriptions.update(subscription.id, { items, ...pending });
    expect(after.pending_update).toBeNull();
    expect(itemOf(after).price.unit_amount).toBe(3000);
  });
});

describe('a preview', () => {
  test('of nothing is the next renewal, with what waits for it', async () => {
    const subscription = await subscribe(sim);
    const { current_period_end: end } = itemOf(subscription);
    await stripe.invoiceItems.create({ customer: `${subscription.customer}`, amount: 70, currency: 'eur' });
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id });
    expect(preview.id).toMatch(/^upcoming_in/);
    expect(preview).toMatchObject({ total: 1070, billing_reason: 'upcoming', created: end, status: 'draft' });
    passPeriod(sim, end);
    const [, renewal] = await invoicesOf(sim, subscription.id);
    expect(figures(renewal)).toEqual(figures(preview));
    expect((await stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(2);
  });

  test('of a new subscription is its first invoice, and an inline price leaves no trace', async () => {
    const customer = await customerWith(sim);
    const { id: product } = await stripe.products.create({ name: 'Seats' });
    const price_data = { currency: 'eur', product, unit_amount: 700, recurring: { interval: 'month' as const } };
    const items = [{ price_data, quantity: 3 }];
    const preview = await stripe.invoices.createPreview({ customer, subscription_details: { items } });
    expect(preview).toMatchObject({ total: 2100, amount_due: 2100 });
    expect((await stripe.prices.list({ product })).data).toEqual([]);
    const made = await subscribe(sim, { customer, items });
    const [first] = await invoicesOf(sim, made.id);
    expect(first).toMatchObject({ total: preview.total, subtotal: preview.subtotal, amount_due: preview.amount_due });
    expect(first?.lines.data[0]?.description).toBe(preview.lines.data[0]?.description);
  });

  test('of an end tells what is given back, or that nothing will be billed', async () => {
    const subscription = await subscribe(sim);
    const { id } = subscription;
    halfway(subscription);
    const given = await stripe.invoices.createPreview({ subscription: id, subscription_details: { cancel_now: true } });
    expect(Math.abs(given.total + 500)).toBeLessThanOrEqual(1);
    await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    const none = await refusal(stripe.invoices.createPreview({ subscription: id }));
    expect(none).toMatchObject({ statusCode: 404, code: 'invoice_upcoming_none' });
  });

  test('shows what a change adds to the next renewal, or that renewal alone', async () => {
    const subscription = await subscribe(sim);
    halfway(subscription);
    const subscription_details = { items: [{ id: itemOf(subscription).id, quantity: 3 }], proration_date: now() };
    const preview = await stripe.invoices.createPreview({ subscription: subscription.id, subscription_details });
    const prorated = preview.lines.data.filter(({ parent }) => parent?.subscription_item_details?.proration);
    expect(prorated).toHaveLength(2);
    await stripe.subscriptions.update(subscription.id, subscription_details);
    const later = await stripe.invoices.createPreview({ subscription: subscription.id });
    expect(figures(later)).toEqual(figures(preview));
    const alone = await stripe.invoices.createPreview({ subscription: subscription.id, preview_mode: 'recurring' });
    expect(alone.lines.data.map(({ amount }) => amount)).toEqual([3000]);
  });
});

/** What must be the same on a preview and on the invoice that comes of it. */
function figures(invoice: Stripe.Invoice | undefined): object {
  return {
    lines: invoice?.lines.data.map(({ amount, description, period, quantity }) => ({
      amount,
      description,
      period,
      quantity,
    })),
    subtotal: invoice?.subtotal,
    total: invoice?.total,
    due: invoice?.amount_due,
  };
}
