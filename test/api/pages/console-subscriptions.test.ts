import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { syncSubscription } from '../../../src/billing/subscriptions/sync-subscription.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { policyFile } from '../../support/policy-file.ts';
import { storedEvent } from '../../support/stored-events.ts';
import { customerWithCard, plansAccess, plansOf } from '../../support/subscriptions.ts';
import { textOf } from '../../views/example-invoice.ts';
import { siteUnderTest } from './site.ts';

/** Subscriptions, looked at by people, and looked at again at Stripe. */
const site = await siteUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side } = site;
const { db, stripe } = deps;
const plans = await plansOf(side);
const operator = await site.as('operator');
const viewer = await site.as('viewer');
const why = { reason: 'its webhook was off' };

async function subscribed(
  who: string | undefined,
  params: Partial<Stripe.SubscriptionCreateParams> = {},
  email = 'ada@example.com',
) {
  const customer = await customerWithCard(side, { email });
  const made = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: plans.pro.id }, { price: plans.seats.id, quantity: 3 }],
    ...(who === undefined ? {} : { metadata: { user_id: who } }),
    ...params,
  });
  await syncSubscription({ subscription: made.id }, deps);
  return { id: made.id, customer: customer.id };
}
const shown = async (id: string) => textOf((await operator(`/console/subscriptions/${id}`)).html);

describe('the room of a subscription', () => {
  test('tells how it stands, what it is over and costs, what was paid and what it gives to whom', async () => {
    const { id, customer } = await subscribed('user/1');
    const page = await operator(`/console/subscriptions/${id}`);
    const text = textOf(page.html);
    expect(text).toMatch(/Status active Reference/);
    expect(text).toMatch(new RegExp(`Reference user/1 Customer ${customer} ada@example.com`));
    expect(text).toMatch(/Pro EUR 30\.00 a month 1 .* pro_monthly Seats EUR 5\.00 a month 3 /);
    expect(text).toMatch(/ paid .* Pro EUR 30\.00 \S+ – \S+ 3 × Seats EUR 15\.00 \S+ – \S+ EUR 45\.00 1 –/);
    expect(text).toMatch(/pro yes user\/1 \S+ \S+ UTC \(until \S+ \S+ UTC while the next payment is on its way\)/);
    expect(text).toMatch(/basic yes user\/1 .* pro yes user\/1 .* seats 3 user\/1 /);
    expect(page.html).toContain('href="/console/access/user%2F1"');
  });

  test('leads to what somebody may use, which leads back', async () => {
    const { id } = await subscribed('user-2');
    expect((await operator('/console/access/user-2')).html).toContain(`href="/console/subscriptions/${id}"`);
  });

  test('tells why it stands so, and when it ends', async () => {
    const { id } = await subscribed('user-3', { trial_period_days: 30, payment_behavior: 'default_incomplete' });
    expect(await shown(id)).toMatch(
      /Status on trial \(Stripe says trialing\) .*Trial \S+ \S+ UTC – \S+ \S+ UTC ; if there is no payment method then, an invoice/,
    );
    await stripe.subscriptions.update(id, { cancel_at_period_end: true, pause_collection: { behavior: 'void' } });
    await operator(`/console/subscriptions/${id}/look`, { form: why });
    const text = await shown(id);
    expect(text).toMatch(/Status on trial: its end is planned .*Planned end \d{4}-/);
    expect(text).toMatch(/Collection paused its invoices are void; nobody has said until when/);
  });

  test('leads to Stripe’s page of an invoice only where that is one', async () => {
    const { id } = await subscribed('user-4');
    const hosted = (url: string) =>
      rows(db, 'UPDATE subscription_invoices SET hosted_invoice_url = ? WHERE subscription = ?', [url, id]);
    await hosted('https://invoice.stripe.test/i/1');
    expect((await operator(`/console/subscriptions/${id}`)).html).toContain('href="https://invoice.stripe.test/i/1"');
    for (const url of ['javascript:alert(1)', 'http://invoice.stripe.test/i/1', '']) {
      await hosted(url);
      expect((await operator(`/console/subscriptions/${id}`)).html).not.toMatch(/invoice\.stripe\.test|javascript:/);
    }
  });

  test('asks for the decision that it waits for', async () => {
    const { id } = await subscribed(undefined);
    const open = await firstRow<{ id: number }>(db, 'SELECT id FROM review_items WHERE subject = ?', [id]);
    const { html } = await operator(`/console/subscriptions/${id}`);
    expect(textOf(html)).toMatch(/A decision is needed: subscription without reference\./);
    expect(textOf(html)).toMatch(/Reference nobody’s, or nobody knows/);
    expect(html).toContain(`href="/console/reviews/${open?.id}"`);
  });

  test('tells its events: those that were found to be about it, and those of it that nobody has taken up yet', async () => {
    const { id } = await subscribed('user-5');
    const other = await subscribed('user-6');
    const latest = (await stripe.subscriptions.retrieve(id)).latest_invoice;
    const told = (event: string, object: string, type: string) =>
      storedEvent(db, event, { type, object, queue: 'subscriptions', outcome: 'processed' });
    await told('evt_of_it', id, 'customer.subscription.updated');
    await told('evt_of_invoice', String(latest), 'invoice.paid');
    await told('evt_found', 'cus_x', 'customer.updated');
    await told('evt_other', other.id, 'customer.subscription.created');
    await rows(db, `UPDATE stripe_events SET subscription = ? WHERE id IN ('evt_found', 'evt_of_invoice')`, [id]);
    const { html } = await operator(`/console/subscriptions/${id}`);
    expect([...html.matchAll(/\/console\/events\/(\w+)"/g)].map(([, event]) => event).sort()).toEqual([
      'evt_found',
      'evt_of_invoice',
      'evt_of_it',
    ]);
    expect((await operator('/console/events/evt_found')).html).toContain(`href="/console/subscriptions/${id}"`);
  });

  test.each(['sub_none', 'sub_sched_1', 'sub_1%2F2'])('%s is nothing', async (id) => {
    expect((await operator(`/console/subscriptions/${id}`)).status).toBe(404);
  });
});

describe('looking at Stripe now', () => {
  test('brings what has changed, and leaves an audit row', async () => {
    const { id } = await subscribed('user-7');
    await stripe.subscriptions.cancel(id);
    expect(await shown(id)).toMatch(/Status active /);
    const sent = await operator(`/console/subscriptions/${id}/look`, { form: why });
    expect([sent.status, sent.location]).toEqual([303, `/console/subscriptions/${id}?done=looked`]);
    const text = textOf((await operator(sent.location ?? '')).html);
    expect(text).toMatch(/Stripe was asked\. This is what it says now\..*Status canceled Canceled \d{4}-/);
    expect(text).toMatch(/admin:operator subscription\.look_again its webhook was off the subscription is canceled/);
  });

  test('says so when Stripe does not have it any more', async () => {
    const { id } = await subscribed('user-8');
    const gone = `${id}gone`;
    await rows(
      db,
      `INSERT INTO subscriptions (id, customer, livemode, status, collection_method, billing_mode, currency, cancel_at_period_end,
         after_trial, created, synced_from)
       VALUES (?, 'cus_1', false, 'active', 'charge_automatically', 'flexible', 'eur', false, 'create_invoice', now(), now())`,
      [gone],
    );
    const sent = await operator(`/console/subscriptions/${gone}/look`, { form: why });
    expect(textOf((await operator(sent.location ?? '')).html)).toMatch(/Stripe does not have it any more\./);
    expect(await shown(gone)).toMatch(/Status active /);
  });

  test('needs a reason, and an operator', async () => {
    const { id } = await subscribed('user-9');
    const without = await operator(`/console/subscriptions/${id}/look`, { form: { reason: ' ' } });
    expect([without.status, textOf(without.html)]).toEqual([422, expect.stringContaining('A reason is needed')]);
    expect((await viewer(`/console/subscriptions/${id}/look`, { form: why })).status).toBe(403);
    expect((await viewer(`/console/subscriptions/${id}`)).html.match(/method="post"/g)).toHaveLength(1);
    expect(await rows(db, 'SELECT FROM audit_log WHERE subject = ?', [id])).toEqual([]);
  });
});

describe('the list', () => {
  test('finds by customer, e-mail and reference, and by how they stand', async () => {
    const { id, customer } = await subscribed('user-list', {}, 'lena@example.com');
    const { id: ended } = await subscribed('user-ended', {}, 'lena@example.com');
    await stripe.subscriptions.cancel(ended);
    await syncSubscription({ subscription: ended }, deps);
    const found = async (address: string) => {
      const { html } = await operator(`/console/subscriptions${address}`);
      return [...html.matchAll(/\/console\/subscriptions\/(sub_\w+)"/g)].map(([, each]) => each);
    };
    expect(await found('?q=lena')).toEqual([ended, id]);
    expect(await found('?q=lena&standing=active')).toEqual([id]);
    expect(await found('?q=lena&standing=canceled')).toEqual([ended]);
    expect(await found(`?q=${customer}`)).toEqual([id]);
    expect(await found('?q=user-list')).toEqual([id]);
    expect(await found('?q=user-nobody')).toEqual([]);
    const { html } = await operator('/console/subscriptions?q=user-list');
    expect(textOf(html)).toMatch(/lena@example\.com user-list Pro, Seats active /);
  });

  test('says so when the address leads to no place in it', async () => {
    expect(textOf((await operator('/console/subscriptions?after=sub_none')).html)).toMatch(/leads to no place/);
  });
});
