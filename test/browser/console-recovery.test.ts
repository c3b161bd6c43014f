import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../support/eventually.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { expectGoodLooks } from './accessible.ts';
import { describeInBrowser, shoot } from './chromium.ts';
import { expectNoSidewaysScrolling } from './invoice-pages.ts';
import { openShop } from './shop.ts';
import { giveReason, go, rowsOf, signedIn } from './staff.ts';

/** The room Recovery, as operators see it, with what the workers make of failed renewals. */
const shop = await openShop();
const { side, records } = shop.story;
const { stripe } = side;
const renewal = z.object({ invoice: z.string(), customer: z.string(), subscription: z.string() });
const invoices: Record<string, string> = {};
const customers: Record<string, string> = {};

async function settled(): Promise<void> {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
}

async function failed(
  name: string,
  amount: number,
  says: object,
  email: string | null = `${name}@example.com`,
): Promise<void> {
  const { id: customer } = await stripe.customers.create(email === null ? {} : { email });
  const { id: method } = await stripe.paymentMethods.attach('pm_card_visa', { customer });
  await side.control('POST', '/_sim/cards', { payment_method: method, ...says });
  const made = renewal.parse(
    await side.control('POST', '/_sim/renewals', { customer, amount, currency: 'eur', payment_method: method }),
  );
  invoices[name] = made.invoice;
  customers[name] = customer;
}

/** Stripe tells whole seconds: what comes next is later. */
async function anHourPasses(): Promise<void> {
  await records.rows(`update subscription_payment_attempts set at = at - interval '1 hour'`);
  await records.rows(
    `update recovery_cases set first_failed_at = first_failed_at - interval '1 hour', last_failed_at = last_failed_at - interval '1 hour'`,
  );
}

beforeAll(async () => {
  await side.control('POST', '/_sim/settings', { retry_days: [3, 5, 7], after_retries: 'cancel' });
  await failed('ada', 3_000, { decline_code: 'insufficient_funds' });
  await failed('grace', 129_900, { decline_code: 'stolen_card' });
  await failed('nobody', 900, { code: 'expired_card' }, null);
  await failed('mary', 4_900, { decline_code: 'do_not_honor' });
  await settled();
  await anHourPasses();
  await stripe.paymentMethods.attach('pm_card_visa', { customer: customers.mary ?? '' });
  await settled();
  await until(async () => (await stripe.invoices.retrieve(invoices.mary ?? '')).status === 'paid', { timeout: 30_000 });
  await settled();
}, 120_000);

const rooms: Record<string, () => string> = {
  recovery: () => '/recovery?state=all',
  'failed payment': () => `/recovery/${invoices.grace}`,
  'recovered payment': () => `/recovery/${invoices.mary}`,
};

describeInBrowser('the room Recovery', () => {
  test.each(Object.entries(rooms))(
    '%s is readable and accessible in light and dark and on a phone',
    async (room, pathOf) => {
      const { page } = await signedIn(shop, 'operator');
      await go(page, shop, pathOf());
      await expectNoSidewaysScrolling(page);
      await expectGoodLooks(page, `room ${room}`);
    },
  );

  test('an operator confirms what Stripe does not tell, finds a failed payment, and stops its letters', async () => {
    const { page } = await signedIn(shop, 'operator');
    await go(page, shop, '');
    await page.getByRole('link', { name: 'Please look in the Dashboard of Stripe.' }).click();
    await giveReason(page, 'I have looked…', 'all three are off', 'It is so');
    await page.getByText('It is noted that you have looked.').waitFor();
    const open = await rowsOf(page, 'Failed payments, newest first');
    expect(open.map(([, customer]) => customer).sort()).toEqual(
      ['ada@example.com', customers.nobody, 'grace@example.com'].sort(),
    );
    await page
      .getByRole('row', { name: /ada@example\.com/ })
      .getByRole('link')
      .click();
    await giveReason(page, 'Stop letters…', 'a transfer is on its way', 'Stop them');
    await page.getByText('Nothing more is written about this invoice.').waitFor();
    await shoot(page, 'room failed payment stopped');
    expect((await rowsOf(page, /people did/))[0]?.slice(1, 4)).toEqual([
      'admin:operator',
      'recovery.stop_letters',
      'a transfer is on its way',
    ]);
  });
});
