import { expect, test } from 'vitest';
import { refusalOf } from '../../../src/billing/changes/refusal.ts';
import type { When } from '../../../src/billing/changes/wanted-change.ts';
import type { Subscription } from '../../../src/billing/subscriptions/subscription.ts';
import { april, item, may, subscription } from '../../support/subscription-records.ts';

/** Each refusal says why, and what to do instead. */
const refused = (
  says: Partial<Subscription>,
  when: When = 'now',
  more: { carries?: string[]; openInvoice?: string } = {},
) =>
  refusalOf(
    { subscription: subscription(says), carries: more.carries ?? [], openInvoice: more.openInvoice ?? null },
    when,
  );

test.each<[string, Partial<Subscription>, RegExp]>([
  ['canceled', { status: 'canceled' }, /is canceled: it can’t be changed any more.*POST \/v1\/checkouts/],
  ['never begun', { status: 'incomplete_expired' }, /is incomplete_expired: .*POST \/v1\/checkouts/],
  ['not paid at all', { status: 'incomplete' }, /first payment.*have what is due paid first/],
  ['paused', { status: 'paused' }, /is paused: resume it first/],
  ['past due', { status: 'past_due' }, /is past_due: a change would give credit.*Have what is due paid first/],
  ['unpaid', { status: 'unpaid' }, /is unpaid: a change would give credit/],
  ['not collected', { pauseCollection: 'void' }, /are not collected for now.*Have them collected again first/],
  [
    'scheduled',
    { schedule: 'sub_sched_1' },
    /managed by schedule sub_sched_1.*Release the schedule at Stripe first.*planned cancellation/,
  ],
  ['waiting', { pendingUpdateUntil: april }, /waits for its payment until 2026-04-01 00:00 UTC/],
])('one that is %s', (_, says, sentence) => {
  expect(refused(says)).toMatch(sentence);
  expect(refused(says, 'period_end')).toMatch(sentence);
});

test.each<Partial<Subscription>>([{ status: 'incomplete' }, { status: 'past_due' }, { pendingUpdateUntil: april }])(
  '%j names the invoice that is to be paid',
  (says) => expect(refused(says, 'now', { openInvoice: 'A-7' })).toContain('invoice A-7'),
);

test.each<[string, Partial<Subscription>, string[], RegExp]>([
  ['on trial', { status: 'trialing' }, [], /is on trial: change it now/],
  ['to end with the period', { cancelAtPeriodEnd: true }, [], /is to be canceled.*Take the cancellation back first/],
  ['to end on a day', { cancelAt: may }, [], /is to be canceled/],
  [
    'of several periods',
    { items: [item(), item({ id: 'si_2', periodEnd: may })] },
    [],
    /have different periods.*Change it now/,
  ],
  ['with a fee', {}, ['application_fee_percent'], /has application_fee_percent, which a planned change would lose/],
])('one that is %s can’t be changed at the end of its period, but now', (_, says, carries, sentence) => {
  expect(refused(says, 'period_end', { carries })).toMatch(sentence);
  expect(refused(says, 'now', { carries })).toBeUndefined();
});

test('several things that would be lost are all named', () => {
  const carries = ['on_behalf_of', 'transfer_data'];
  expect(refused({}, 'period_end', { carries })).toContain('on_behalf_of, transfer_data');
});

test('one that is active is changed at the end of its period', () => {
  expect(refused({}, 'period_end')).toBeUndefined();
});

test.each(['active', 'trialing'] as const)('one that is %s is changed', (status) => {
  expect(refused({ status })).toBeUndefined();
});
