import { expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../support/eventually.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { startStory } from '../support/story.ts';

/** A renewal failed, and its customer brings another card: from Stripe's events to Stripe's invoice, with real workers. */
const { side, records } = await startStory({ workers: 2 });
const { stripe } = side;
await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });
// Each event twice, and not in order.
await side.control('POST', '/_sim/webhooks', {
  duplicates: { rate: 1, seed: 7, copies: 1 },
  shuffle: { seed: 7, window_ms: 100 },
});
const renewal = z.object({ invoice: z.string(), subscription: z.string() });

const settled = async () => {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
};
const looked = () =>
  until(
    async () =>
      (await records.rows("select from recovery_cases where retry_at <= now() + interval '3 minutes'")).length === 0,
    {
      timeout: 30_000,
    },
  );
const pays = async (invoice: string) =>
  (await side.requests()).filter(({ url, executed }) => executed && url.includes(`${invoice}/pay`)).length;

async function failed() {
  const { id: customer } = await stripe.customers.create({ email: 'ada@example.com' });
  const { id: method } = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  const made = renewal.parse(
    await side.control('POST', '/_sim/renewals', { customer, amount: 3_000, currency: 'eur', payment_method: method }),
  );
  await settled();
  await until(
    async () => (await records.rows('select from recovery_cases where invoice = $1', [made.invoice])).length === 1,
  );
  await looked();
  // Stripe tells whole seconds: the card is later.
  await records.rows(`update subscription_payment_attempts set at = at - interval '1 hour'`);
  await records.rows(`update recovery_cases set first_failed_at = first_failed_at - interval '1 hour'`);
  return { ...made, customer };
}

test('saved in a Checkout Session that sets nothing, it pays what is open, once', async () => {
  const { customer, invoice, subscription } = await failed();
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'eur',
    customer,
    success_url: 'https://shop.example/thanks',
  });
  await side.control('POST', '/_sim/checkout/pay', { session: session.id, choice: 'card' });
  await settled();
  await until(async () => (await stripe.invoices.retrieve(invoice)).status === 'paid', { timeout: 30_000 });
  await settled();
  await looked();
  expect(await pays(invoice)).toBe(1);
  expect(await records.rows('select why, state from recovery_retries where invoice = $1', [invoice])).toEqual([
    { why: 'new_card', state: 'paid' },
  ]);
  expect(await records.rows('select state, how from recovery_cases where invoice = $1', [invoice])).toEqual([
    { state: 'recovered', how: 'customer' },
  ]);
  const live = await stripe.subscriptions.retrieve(subscription);
  expect([live.status, live.default_payment_method === null]).toEqual(['active', false]);
});

test('declined, too, it is not tried again when its events come again', async () => {
  const { customer, invoice } = await failed();
  await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
  await settled();
  await until(async () => (await pays(invoice)) === 1, { timeout: 30_000 });
  await settled();
  await looked();
  await stripe.customers.update(customer, { name: 'Ada' });
  await settled();
  await looked();
  expect(await pays(invoice)).toBe(1);
});
