import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { eligibility } from '../../src/billing/payments/eligibility.ts';
import { loadPolicy } from '../../src/billing/policy/load-policy.ts';
import type { Payment } from '../../src/stripe/payment.ts';
import { lineItem, payment, paymentIntent, price } from '../support/stripe-objects.ts';

/** The policy files that come along decide what they promise. */

test.each(globSync('config/policy.*.json', { cwd: checkout }))('%s is a file that the service takes', (file) => {
  expect(loadPolicy({ POLICY: join(checkout, file) }).policy.eligibility.rules.length).toBeGreaterThan(0);
});

function decide(file: string, of: Payment): string {
  const rules = loadPolicy({ POLICY: join(checkout, 'config', file) }).policy.eligibility;
  return eligibility(of, { rules, livemode: false }).action;
}

const withMetadata = (metadata: Record<string, string>) => payment({ intent: paymentIntent({ metadata }) });
const received = (amount: number, currency: string) =>
  payment({ intent: paymentIntent({ amount, amount_received: amount, currency }) });

test.each([
  ['a course', withMetadata({ product_type: 'course' }), 'invoice'],
  ['a bundle', withMetadata({ product_type: 'bundle' }), 'invoice'],
  ['a subscription', withMetadata({ product_type: 'subscription' }), 'skip'],
  ['a payment of another shop', withMetadata({ order: '17' }), 'review'],
])('for a LearnWorlds school %s → %s', (_what, of, action) => {
  expect(decide('policy.learnworlds.json', of)).toBe(action);
});

test.each([
  ['any payment', payment(), 'invoice'],
  ['one that the shop marked', withMetadata({ invoice: 'no' }), 'skip'],
  ['a gift card', payment({ lineItems: [lineItem({ price: price('prod_GiftCard25') })] }), 'skip'],
  ['5,000.00 euros', received(500_000, 'eur'), 'invoice'],
  ['5,000.01 euros', received(500_001, 'eur'), 'review'],
  ['5,000.01 dollars', received(500_001, 'usd'), 'invoice'],
  ['a donation', payment({ intent: paymentIntent({ description: 'Monthly Donation' }) }), 'skip'],
  ['donations as part of a word', payment({ intent: paymentIntent({ description: 'Donationware' }) }), 'invoice'],
])('in the general example %s → %s', (_what, of, action) => {
  expect(decide('policy.example.json', of)).toBe(action);
});
