import { expect, test } from 'vitest';
import { mustLookFirst } from '../../../src/billing/invoicing/resume-claim.ts';
import { paidAt, payment } from '../../support/stripe-objects.ts';

const claim = {
  id: 1,
  account: '',
  payment_intent: 'pi_1',
  reverses: null,
  step: 'claimed',
  key_version: 1,
  bill_to: 'buyer',
  customer: null,
  stripe_invoice: null,
  number: null,
  currency: 'eur',
  total: 1_000,
  settlement: null,
  claimed_at: new Date(),
  tried_at: null,
} as const;
const hours = (count: number) => new Date((paidAt + count * 3_600) * 1_000);

test.each([
  ['a new claim of a new payment is begun at once', null, hours(0), false],
  ['a claim that was begun is looked up first', hours(0), hours(1), true],
  ['a payment of nearly a day is within the life of its keys', null, hours(23), false],
  ['an older one may have been begun by a deployment whose database is lost', null, hours(23.1), true],
])('%s', (_what, tried_at, now, look) => {
  expect(mustLookFirst({ ...claim, tried_at }, payment(), now)).toBe(look);
});
