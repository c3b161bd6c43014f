import { expect, test } from 'vitest';
import { openReviewItems } from '../../src/billing/desk/review-items.ts';
import { findClaim } from '../../src/billing/stripe-invoices/payment-invoices.ts';
import { settlePayment } from '../../src/billing/stripe-invoices/settle-payment.ts';
import { told } from '../../src/billing/told.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { quittance } from '../support/command.ts';
import { payDirectly } from '../support/purchases.ts';

/** What Stripe books within the hour is not waited for by a command. */
const { deps, side, settings } = await billingUnderTest();

test('a backfill passes over a payment that is not booked yet, names it, and the next one invoices it', async () => {
  await side.control('POST', '/_sim/settings', { balance_delay_ms: 3_000_000 });
  const payment = await payDirectly(side, { capture_method: 'manual' });
  await side.stripe.paymentIntents.capture(payment);
  const command = ['backfill', '--since', '2020-01-01'];

  const first = await quittance(command, settings);
  expect(first.code).toBe(1);
  expect(first.stdout).toContain(' 0 documents created, 1 failed.');
  expect(first.stdout).toMatch(new RegExp(`^  ${payment}: .* waits: .*not booked`, 'm'));
  expect(await openReviewItems(deps.db)).toEqual([]);

  await side.control('POST', '/_sim/clock/advance', { seconds: 3_600 });
  const second = await quittance(command, settings);
  expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining(' 1 documents created, 0 failed.') });
});

test('who asks about it is told what it waits for, not that Stripe is away', async () => {
  const payment = await payDirectly(side, { capture_method: 'manual' });
  await side.stripe.paymentIntents.capture(payment);
  const error: unknown = await settlePayment({ account: '', paymentIntent: payment }, deps).catch((thrown) => thrown);
  expect(told(error)).toEqual({ kind: 'refused', message: expect.stringContaining(`${payment} waits`) });
});

test('an old charge that was edited gets no invoice for it, and the dry run promises none', async () => {
  const payment = await payDirectly(side);
  await side.control('POST', '/_sim/clock/advance', { seconds: 3 * 86_400 });
  const { latest_charge: charge } = await side.stripe.paymentIntents.retrieve(payment);
  await side.stripe.charges.update(String(charge), { description: 'a note' });
  const since = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const dry = await quittance(['backfill', '--since', since, '--dry-run'], settings);
  expect(dry.stdout).not.toContain(payment);
  expect((await quittance(['backfill', '--since', since], settings)).code).toBe(0);
  expect(await findClaim(deps.db, { account: '', paymentIntent: payment })).toBeUndefined();
});
