import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { untilEventsDone } from '../support/one-invoice.ts';
import { policyFile } from '../support/policy-file.ts';
import { customerWithCard, type Plans, plansAccess, plansOf } from '../support/subscriptions.ts';
import { expectGoodLooks } from './accessible.ts';
import { describeInBrowser, shoot, type Visitor } from './chromium.ts';
import { expectNoSidewaysScrolling } from './invoice-pages.ts';
import { openShop } from './shop.ts';
import { giveReason, go, rowsOf, signedIn } from './staff.ts';

/** The rooms of subscriptions, as operators see them. */
const shop = await openShop({ POLICY: policyFile({ access: plansAccess }) });
const { side, records } = shop.story;
const { stripe } = side;

async function settled(): Promise<void> {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
}
/** A renewal is a draft until its first webhooks were taken, and an hour more. */
async function pass(days: number): Promise<void> {
  await side.control('POST', '/_sim/clock/advance', { seconds: days * 86_400 });
  await settled();
  await side.control('POST', '/_sim/clock/advance', { seconds: 7_200 });
  await settled();
}

let plans: Plans;
const subscriptions: Record<string, string> = {};

async function subscribed(
  name: string,
  items: Stripe.SubscriptionCreateParams.Item[],
  params: Partial<Stripe.SubscriptionCreateParams> = { metadata: { user_id: `member-${name}` } },
): Promise<{ id: string; customer: string; items: Stripe.SubscriptionItem[] }> {
  const customer = await customerWithCard(side, { email: `${name.replace(' ', '.')}@example.com` });
  const made = await stripe.subscriptions.create({ customer: customer.id, items, ...params });
  subscriptions[name] = made.id;
  return { id: made.id, customer: customer.id, items: made.items.data };
}

beforeAll(async () => {
  plans = await plansOf(side);
  const failing = await subscribed('failing', [{ price: plans.pro.id }]);
  const upgraded = await subscribed('upgraded', [{ price: plans.basic.id }]);
  await pass(10);
  const [first] = upgraded.items;
  await stripe.subscriptions.update(upgraded.id, {
    items: [{ id: first?.id ?? '', price: plans.pro.id }],
    proration_behavior: 'always_invoice',
  });
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer: failing.customer });
  await stripe.customers.update(failing.customer, { invoice_settings: { default_payment_method: bad.id } });
  await pass(25);
  const seats = [{ price: plans.pro.id }, { price: plans.seats.id, quantity: 12 }];
  await subscribed('trial', seats, { trial_period_days: 14, metadata: { user_id: 'member-trial' } });
  const leaving = await subscribed('leaving', seats);
  await stripe.subscriptions.update(leaving.id, { cancel_at_period_end: true });
  await subscribed('unknown', [{ price: plans.proYearly.id }], {});
  const paused = await subscribed('paused', [{ price: plans.basic.id }]);
  await stripe.subscriptions.update(paused.id, { pause_collection: { behavior: 'keep_as_draft' } });
  const whole = await subscribed('whole', [{ price: plans.pro.id }]);
  await stripe.subscriptions.pause(whole.id);
  const ended = await subscribed('ended', [{ price: plans.basic.id }]);
  await stripe.subscriptions.cancel(ended.id);
  await settled();
}, 120_000);

const rooms: Record<string, () => string> = {
  subscriptions: () => '/subscriptions',
  'failing subscription': () => `/subscriptions/${subscriptions.failing}`,
  'upgraded subscription': () => `/subscriptions/${subscriptions.upgraded}`,
  'subscription on trial': () => `/subscriptions/${subscriptions.trial}`,
  'subscription that ends': () => `/subscriptions/${subscriptions.leaving}`,
  'subscription that is not collected': () => `/subscriptions/${subscriptions.paused}`,
  'subscription that is paused': () => `/subscriptions/${subscriptions.whole}`,
  'subscription without reference': () => `/subscriptions/${subscriptions.unknown}`,
  'access from a subscription': () => '/access/member-failing',
};

describeInBrowser('the rooms of subscriptions', () => {
  let looking: Promise<Visitor> | undefined;
  test.each(Object.entries(rooms))(
    '%s is readable and accessible in light and dark and on a phone',
    async (room, pathOf) => {
      looking ??= signedIn(shop, 'operator', { stays: true });
      const { page } = await looking;
      await go(page, shop, pathOf());
      await expectNoSidewaysScrolling(page);
      await expectGoodLooks(page, `room ${room}`);
    },
  );

  test('an operator plans the end of one, pauses its collection, and takes back both', async () => {
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, `/subscriptions/${subscriptions.upgraded}`);
    await page.getByText('Cancel now…', { exact: true }).click();
    await page.getByText('Pause payment collection…', { exact: true }).click();
    await page.getByText('Cancel at the end of the period…', { exact: true }).click();
    await shoot(page, 'room subscription what can be done');
    await go(page, shop, `/subscriptions/${subscriptions.upgraded}`);
    await giveReason(page, 'Cancel at the end of the period…', 'he moves away', 'Plan its end');
    await page.getByText('Its end is planned. Until then it gives what it gives now.').waitFor();
    await page.getByText('Pause payment collection…', { exact: true }).click();
    const form = page.locator('details[open] form');
    await form.getByLabel('Its invoices are meanwhile').selectOption('keep_as_draft');
    await form.getByLabel('Last day').fill('2099-01-31');
    await form.getByLabel('Reason').fill('he is in hospital');
    await form.getByRole('button', { name: 'Pause collection' }).click();
    await page.getByText('Its invoices are not collected for now.').waitFor();
    await shoot(page, 'room subscription paused and ending');
    await giveReason(page, 'Resume…', 'he stays', 'Resume it');
    await page.getByText('The subscription goes on.').waitFor();
    await giveReason(page, 'Collect again…', 'he is well', 'Collect again');
    await page.getByText('The subscription goes on.').waitFor();
    await giveReason(page, 'Page for the customer…', 'he wants another card', 'Make the address');
    await page.getByLabel('Page for the customer, for him alone').waitFor();
    await shoot(page, 'room subscription page for the customer');
  });

  test('an operator finds one that is past due, looks at Stripe, and goes on to what it gives', async () => {
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, '');
    await page.getByRole('link', { name: 'Subscriptions' }).click();
    await page.getByRole('link', { name: 'Past due' }).click();
    await page.getByRole('link', { name: subscriptions.failing ?? '' }).click();
    expect(await page.locator('.title .chip').textContent()).toBe('past due');
    await giveReason(page, 'Look at Stripe now…', 'he says that he has paid', 'Look at Stripe');
    await page.getByText('Stripe was asked. This is what it says now.').waitFor();
    expect((await rowsOf(page, /people did/))[0]?.slice(1)).toEqual([
      'admin:operator',
      'subscription.look_again',
      'he says that he has paid',
      'the subscription is past_due',
    ]);
    const [failed] = await rowsOf(page, /whose payment failed/);
    expect([failed?.[1], failed?.[2], failed?.[4]]).toEqual(['EUR 30.00', 'no reason given', 'open']);
    await shoot(page, 'room subscription looked at');
    await page.getByRole('link', { name: 'member-failing' }).first().click();
    await page.getByRole('heading', { name: 'Access of member-failing' }).waitFor();
    await page
      .getByRole('link', { name: subscriptions.failing ?? '' })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Subscription' }).waitFor();
  });
});
