import { expect, test } from 'vitest';
import { followCard } from '../../../src/billing/recovery/follow-card.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import type { Fault } from '../../support/simulated-stripe.ts';
import { type BankSays, unpaidRenewals } from '../../support/unpaid-renewals.ts';

/** Stripe was asked to charge a new card, and nobody knows what came of it: whoever goes on looks first. */
const billing = await billingUnderTest();
const { deps, side } = billing;
const { unpaid, card, look, caseOf, retriesOf, statusOf } = unpaidRenewals(billing);
await side.control('POST', '/_sim/settings', { retry_days: [30], after_retries: 'past_due' });
const charges = async (customer: string) =>
  (await deps.stripe.charges.list({ customer, limit: 100 })).data.map(({ status }) => status).sort();

const PAID = ['paid', ['failed', 'succeeded'], [{ why: 'new_card', state: 'paid' }]];
const DECLINED = ['open', ['failed', 'failed'], [{ why: 'new_card', state: 'declined' }]];

test.each<[string, Omit<Fault, 'path'>, BankSays | undefined, unknown]>([
  ['the connection is cut behind a charge', { kind: 'drop', count: 3 }, undefined, PAID],
  ['the connection is cut behind a decline', { kind: 'drop', count: 3 }, { decline_code: 'do_not_honor' }, DECLINED],
  ['Stripe answers 500 behind a charge, and repeats it', { kind: 'error_after', count: 3 }, undefined, PAID],
  [
    'Stripe answers 500 behind a decline',
    { kind: 'error_after', count: 3 },
    { decline_code: 'do_not_honor' },
    DECLINED,
  ],
  ['Stripe answers 500 before', { kind: 'error_before', count: 3 }, undefined, PAID],
  ['the connection is reset before', { kind: 'reset', count: 3 }, { decline_code: 'do_not_honor' }, DECLINED],
])('%s', { timeout: 30_000 }, async (_what, fault, says, expected) => {
  const { invoice, customer } = await unpaid();
  await card(customer, says);
  await followCard({ customer }, deps);
  await side.fault({ ...fault, path: `/v1/invoices/${invoice}/pay` });
  await look().catch(() => undefined);
  expect(await side.struck()).toBeGreaterThan(0);
  await side.endFaults();
  await rows(deps.db, 'UPDATE recovery_cases SET retry_at = now() WHERE retry_at IS NOT NULL');
  await look();
  expect([await statusOf(invoice), await charges(customer), await retriesOf(invoice)]).toEqual(expected);
  expect((await caseOf(invoice))?.how ?? null).toBe(expected === PAID ? 'customer' : null);
});
