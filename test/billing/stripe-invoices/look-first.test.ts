import { expect, test } from 'vitest';
import { lookFor } from '../../../src/billing/stripe-invoices/look-first.ts';
import type { Claim } from '../../../src/billing/stripe-invoices/payment-invoices.ts';
import { paidAt, payment } from '../../support/stripe-objects.ts';

const hours = (count: number) => new Date((paidAt + count * 3_600) * 1_000);
const fresh: Claim = {
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
  claimed_at: hours(0),
  tried_at: null,
};
const tried = { tried_at: hours(1) };
const known = { ...tried, stripe_invoice: 'in_1', step: 'drafted' } as const;

test.each<[string, Partial<Claim>, number, string]>([
  ['a new claim of a new payment is begun at once', {}, 0, 'nothing'],
  ['so it is while the keys live that an earlier installation may have used', {}, 23, 'nothing'],
  ['then it is looked what there is', {}, 23.1, 'everything'],
  ['what somebody began is looked for, at once', tried, 1, 'own tries'],
  ['and as long as the keys of an earlier installation live', tried, 23, 'own tries'],
  ['then for whatever there is', tried, 23.1, 'everything'],
  [
    'a key that was given up may have been that of an earlier installation',
    { ...tried, key_version: 2 },
    2,
    'everything',
  ],
  ['an invoice that is known tells how far it has come', known, 2, 'invoice'],
  ['and does so for ever', known, 99, 'invoice'],
])('%s', (_what, says, now, look) => {
  expect(lookFor({ ...fresh, ...says }, payment(), hours(now))).toBe(look);
});
