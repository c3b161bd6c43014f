import { expect, test } from 'vitest';
import { z } from 'zod';
import { until } from '../support/eventually.ts';
import { untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy, item, payDirectly } from '../support/purchases.ts';
import { type Story, startStory } from '../support/story.ts';
import { orWhySkipped } from '../support/why-skipped.ts';

/** Every request that the service sends, and every answer that it is given, held against a description of Stripe's API. */
const contract = process.env.STRIPE_CONTRACT_DIR;
const lacking = contract ? undefined : 'STRIPE_CONTRACT_DIR names no description of Stripe’s API';

const summary = z.object({
  enabled: z.literal(true),
  requests: z.number(),
  responses: z.number(),
  unknown: z.number(),
  violation_count: z.number(),
  violations: z.array(z.unknown()),
  refused: z.array(z.unknown()),
});

/** Payments of every kind, so that every request of the flow is made. */
async function everyKind({ side, records }: Story): Promise<string[]> {
  const { stripe } = side;
  const address = { line1: '1 Quay', city: 'Bremen', postal_code: '28195', country: 'DE' };
  const [plain, rich] = await Promise.all([
    stripe.customers.create({ name: 'Ada Example', email: 'ada@example.com', address, preferred_locales: ['de'] }),
    stripe.customers.create({ name: 'Bella Balance', email: 'bella@example.com' }),
  ]);
  await stripe.customers.createBalanceTransaction(rich.id, { amount: -500, currency: 'eur' });
  const vat = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false, country: 'DE' });
  const coupon = await stripe.coupons.create({ percent_off: 10, duration: 'once' });
  const shipping = {
    display_name: 'Parcel',
    type: 'fixed_amount' as const,
    fixed_amount: { amount: 690, currency: 'eur' },
  };
  const payments = await Promise.all([
    buy(side, { customer: plain.id, line_items: [item('Brush', 1_250, { quantity: 3, tax_rates: [vat.id] })] }),
    buy(side, { customer: rich.id, shipping_options: [{ shipping_rate_data: shipping }] }),
    buy(side, { discounts: [{ coupon: coupon.id }] }, { email: 'guest@example.com', name: 'Grace Guest', address }),
    buy(side, { line_items: Array.from({ length: 12 }, (_, n) => item(`Lesson ${n}`, 1_000)) }),
    payDirectly(side, { customer: plain.id, description: 'Order 1042', receipt_email: 'ada@example.com' }),
  ]);
  await untilSettled(records, payments);
  return payments;
}

test.skipIf(lacking).each([{ settlement: 'out_of_band' }, { settlement: 'attach' }])(
  orWhySkipped(
    'the whole flow, settled $settlement, from payments to refunds and disputes, keeps to the contract',
    lacking,
  ),
  async ({ settlement }) => {
    const story = await startStory({ env: { SETTLEMENT: settlement } });
    const { side, records } = story;
    const [taxed, shipped, discounted] = await everyKind(story);
    await side.stripe.refunds.create({ payment_intent: taxed ?? '', amount: 1_000, reason: 'requested_by_customer' });
    await side.stripe.refunds.create({ payment_intent: shipped ?? '' });
    const opened = await side.control('POST', '/_sim/disputes', { payment_intent: discounted });
    const { id: dispute } = z.object({ id: z.string() }).parse(opened);
    await side.control('POST', '/_sim/disputes/move', { dispute, to: 'lost' });
    await until(async () => (await side.stripe.creditNotes.list()).data.length === 3, { timeout: 20_000 });
    await untilEventsDone(records);

    const { violations, refused, ...counts } = summary.parse(await side.control('GET', '/_sim/conformance'));
    expect(violations).toEqual([]);
    expect(refused, 'no request was wrong and turned down for it').toEqual([]);
    expect(counts).toMatchObject({ violation_count: 0, unknown: 0 });
    expect(counts.requests).toBeGreaterThan(60);
    console.log(
      `conformance, settled ${settlement}: ${counts.requests} requests and ${counts.responses} responses checked`,
    );
  },
  300_000,
);
