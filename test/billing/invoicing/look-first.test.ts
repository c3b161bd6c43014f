import { expect, test } from 'vitest';
import { lookFor } from '../../../src/billing/invoicing/look-first.ts';
import type { Claim } from '../../../src/billing/invoicing/payment-invoices.ts';
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
  keys_since: null,
  keys_version: null,
};
const tried = { tried_at: hours(1), keys_since: hours(1), keys_version: 1 };

test.each<[string, Partial<Claim>, number, string]>([
  ['a new claim of a new payment is begun at once', {}, 0, 'nothing'],
  ['so it is while the keys live that an earlier installation may have used', {}, 23, 'nothing'],
  ['then it is looked what there is', {}, 23.1, 'everything'],
  ['what was begun is repeated with the same keys', tried, 2, 'nothing'],
  ['as long as they live', tried, 24, 'nothing'],
  ['then it is looked what came of it', tried, 24.1, 'everything'],
  ['counted from their first use, not from the last try', { ...tried, tried_at: hours(20) }, 24.1, 'everything'],
  ['keys that were given up answer for nothing', { ...tried, key_version: 2 }, 2, 'everything'],
  ['nor do those of a release that did not note them', { tried_at: hours(1) }, 2, 'everything'],
  ['nor with a version and no time', { tried_at: hours(1), keys_version: 1 }, 2, 'everything'],
  [
    'an old payment was looked at before its keys were noted',
    { ...tried, tried_at: hours(80), keys_since: hours(80) },
    81,
    'nothing',
  ],
  [
    'an invoice that is known tells how far it has come',
    { ...tried, stripe_invoice: 'in_1', step: 'drafted' },
    2,
    'invoice',
  ],
  ['and does so for ever', { ...tried, stripe_invoice: 'in_1', step: 'drafted' }, 99, 'invoice'],
])('%s', (_what, says, now, look) => {
  expect(lookFor({ ...fresh, ...says }, payment(), hours(now))).toBe(look);
});
