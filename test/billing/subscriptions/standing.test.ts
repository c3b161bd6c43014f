import { describe, expect, test } from 'vitest';
import { plannedEnd, standingOf } from '../../../src/billing/subscriptions/standing.ts';
import type { Subscription } from '../../../src/billing/subscriptions/subscription.ts';
import { STATUSES } from '../../../src/billing/subscriptions/subscription.ts';
import { item, subscription } from '../../support/subscription-records.ts';

/** How a subscription stands for the application: Stripe's eight statuses and three pauses, as a table. */
const end = new Date('2026-04-01T00:00:00Z');
const earlier = new Date('2026-03-15T00:00:00Z');
const atPeriodEnd: Partial<Subscription> = { cancelAtPeriodEnd: true };
const atMoment: Partial<Subscription> = { cancelAt: earlier };

test.each<[string, Partial<Subscription>, string, string | null, Date | null]>([
  ['incomplete', { status: 'incomplete' }, 'none', 'first_payment', null],
  ['incomplete_expired', { status: 'incomplete_expired' }, 'canceled', null, null],
  ['trialing', { status: 'trialing' }, 'trialing', null, null],
  ['trialing, to end', { status: 'trialing', ...atMoment }, 'trialing', 'ends', earlier],
  ['active', {}, 'active', null, null],
  ['active, to end with its period', atPeriodEnd, 'active', 'ends', end],
  ['active, to end at a moment', atMoment, 'active', 'ends', earlier],
  ['active, collection paused', { pauseCollection: 'void' }, 'active', 'collection_paused', null],
  [
    'active, collection paused, to end',
    { pauseCollection: 'void', ...atMoment },
    'active',
    'collection_paused',
    earlier,
  ],
  ['past_due', { status: 'past_due' }, 'past_due', null, null],
  ['past_due, to end', { status: 'past_due', ...atPeriodEnd }, 'past_due', 'ends', end],
  ['unpaid', { status: 'unpaid' }, 'past_due', 'unpaid', null],
  ['canceled', { status: 'canceled', ...atMoment }, 'canceled', null, null],
  ['paused', { status: 'paused' }, 'canceled', 'paused', null],
])('%s', (_what, says, status, why, endsAt) => {
  expect(standingOf(subscription(says))).toEqual({ status, why, endsAt, resumable: says.status === 'paused' });
});

test('the table has every status of Stripe', () => {
  for (const status of STATUSES) expect(standingOf(subscription({ status })).status).toBeTypeOf('string');
});

describe('a planned end', () => {
  test('of several periods is the first of them, as Stripe means it', () => {
    const items = [item({ periodEnd: earlier }), item({ id: 'si_2', periodEnd: end })];
    expect(plannedEnd(subscription({ cancelAtPeriodEnd: true, items }))).toEqual(earlier);
    expect(plannedEnd(subscription({ cancelAtPeriodEnd: true, items: [] }))).toBeNull();
  });
});
