import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { policyFile } from '../support/policy-file.ts';
import { startStory } from '../support/story.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** A renewal that fails, from Stripe's side to the mailbox of the customer. Test clocks end where it is now. */
const mailbox = await startMailCatcher();
const { side, records } = await startStory({
  workers: 2,
  env: {
    POLICY: policyFile({ access: plansAccess, recovery: { quiet_hours: null, letters: { patience_hours: 0 } } }),
    SMTP_URL: mailbox.smtp,
  },
});
const plans = await plansOf(side);
const { stripe } = side;
await side.control('POST', '/_sim/settings', { retry_days: [1, 1], after_retries: 'cancel' });
const DAY = 86_400;
const now = Math.floor(Date.now() / 1000);

const settled = async () => {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
};
const mailsTo = async (address: string) => (await mailbox.mails()).filter(({ to }) => to.includes(address));
const caseOf = (id: string) =>
  records.row<{ invoice: string; state: string; how: string | null; decline_class: string; recovered: number }>(
    'select invoice, state, how, decline_class, recovered::integer as recovered from recovery_cases where subscription = $1',
    [id],
  );
const statusOf = async (id: string) =>
  (await records.row<{ status: string }>('select status from subscriptions where id = $1', [id])).status;
/** As if the loops had looked and nothing had been due. */
const lookedAgain = async (id: string) => {
  await records.rows('update recovery_cases set look_at = now() where subscription = $1 and look_at is not null', [id]);
  await until(
    async () =>
      (await records.rows('select from recovery_cases where subscription = $1 and look_at <= now()', [id])).length ===
      0,
  );
};

/** A month of Pro, whose renewal comes so many days before now, and a card that is declined by then. */
async function aboutToFail(email: string, daysAgo: number) {
  const clock = await stripe.testHelpers.testClocks.create({ frozen_time: now - (31 + daysAgo) * DAY });
  const customer = await stripe.customers.create({
    email,
    test_clock: clock.id,
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  });
  const { id } = await stripe.subscriptions.create({ customer: customer.id, items: [{ price: plans.pro.id }] });
  const card = async (name: string) => {
    const { id: method } = await stripe.paymentMethods.attach(name, { customer: customer.id });
    await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: method } });
  };
  await card('pm_card_chargeCustomerFail');
  await settled();
  const advanceTo = async (moment: number) => {
    await stripe.testHelpers.testClocks.advance(clock.id, { frozen_time: Math.floor(moment) });
    await settled();
  };
  const renewal = (await stripe.subscriptions.retrieve(id)).items.data[0]?.current_period_end ?? 0;
  /** Its invoice is a draft for an hour. */
  const fail = async () => {
    await advanceTo(renewal + 60);
    await advanceTo(renewal + 2 * 3_600);
  };
  return { id, card, advanceTo, fail, renewal };
}

test('a renewal that fails is written about once; paid with a card that works, never again', async () => {
  const { id, card, fail } = await aboutToFail('ada@example.com', 2);
  await fail();
  expect(await caseOf(id)).toMatchObject({ state: 'open', how: null, decline_class: 'unclear', recovered: 0 });
  expect(await statusOf(id)).toBe('past_due');
  const [mail] = await until(async () => {
    const mails = await mailsTo('ada@example.com');
    return mails.length > 0 ? mails : undefined;
  });
  const invoice = await stripe.invoices.retrieve((await caseOf(id)).invoice);
  expect(mail?.subject).toBe('Your payment of EUR 30.00 did not go through');
  expect(mail?.text).toContain(invoice.hosted_invoice_url);
  await lookedAgain(id);
  expect(await mailsTo('ada@example.com')).toHaveLength(1);

  await card('pm_card_visa');
  await stripe.invoices.pay(invoice.id);
  await settled();
  expect(await caseOf(id)).toMatchObject({ state: 'recovered', how: 'customer', recovered: 3_000 });
  expect(await statusOf(id)).toBe('active');
  await lookedAgain(id);
  expect(await mailsTo('ada@example.com')).toHaveLength(1);
});

test('the last failure and the cancellation are one letter', async () => {
  const { id, advanceTo, fail, renewal } = await aboutToFail('grace@example.com', 4);
  await fail();
  await until(async () => (await mailsTo('grace@example.com')).length === 1);
  await advanceTo(renewal + 2 * DAY + 4 * 3_600);
  await until(async () => (await statusOf(id)) === 'canceled');
  expect(await caseOf(id)).toMatchObject({ state: 'ended', how: 'exhausted', recovered: 0 });
  await until(async () => (await mailsTo('grace@example.com')).length === 2);
  await lookedAgain(id);
  const mails = await mailsTo('grace@example.com');
  expect(mails.map(({ subject }) => subject).sort()).toEqual([
    'Your payment of EUR 30.00 did not go through',
    'Your subscription has ended',
  ]);
  expect(
    await records.rows('select kind from recovery_letters where invoice = $1 order by id', [
      (await caseOf(id)).invoice,
    ]),
  ).toEqual([{ kind: 'failed' }, { kind: 'ended' }]);
});
