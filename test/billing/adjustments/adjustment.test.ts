import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import {
  adjustmentOfDispute,
  adjustmentOfRefund,
  decide,
  isContested,
  noteReason,
} from '../../../src/billing/adjustments/adjustment.ts';
import { adjustment, lost, refund } from './stripe-adjustments.ts';

test('a refund and a dispute are told alike, with what Stripe calls their reason as the cause', () => {
  const told = { amount: 500, currency: 'usd', created: 1_800_000_000, reason: 'fraudulent' } as const;
  const alike = { amount: 500, currency: 'usd', happenedAt: 1_800_000_000, cause: 'fraudulent' };
  expect(adjustmentOfRefund({ ...told, id: 're_7', status: 'pending' })).toEqual({
    ...alike,
    id: 're_7',
    kind: 'refund',
    status: 'pending',
  });
  expect(adjustmentOfDispute({ ...told, id: 'du_7', status: 'won' })).toEqual({
    ...alike,
    id: 'du_7',
    kind: 'dispute',
    status: 'won',
  });
});

test.each<[status: string, decision: string, reason: RegExp]>([
  ['succeeded', 'note', /succeeded/],
  ['pending', 'wait', /pending/],
  ['requires_action', 'wait', /requires_action/],
  ['failed', 'none', /the money is still here/],
  ['canceled', 'none', /the money is still here/],
  ['something_new', 'wait', /something_new/],
])('a refund that is %s: %s', (status, decision, reason) => {
  expect(decide(adjustment({ status }))).toEqual({ decision, reason: expect.stringMatching(reason) });
  expect(isContested(adjustment({ status })), 'a refund contests nothing').toBe(false);
});

test.each<[status: Stripe.Dispute.Status, decision: string, contested: boolean, reason: RegExp]>([
  ['warning_needs_response', 'wait', true, /warning_needs_response/],
  ['warning_under_review', 'wait', true, /warning_under_review/],
  ['warning_closed', 'none', false, /without a chargeback/],
  ['needs_response', 'wait', true, /is needs_response/],
  ['under_review', 'wait', true, /is under_review/],
  ['won', 'none', false, /won/],
  ['lost', 'note', false, /lost/],
  ['prevented', 'none', false, /look for its refund/],
  ['appeal_needs_response', 'wait', true, /appeal_needs_response/],
  ['appeal_under_review', 'wait', true, /appeal_under_review/],
  ['something_new', 'wait', true, /something_new/],
])('a dispute that is %s: %s, contested %s', (status, decision, contested, reason) => {
  expect(decide(lost({ status }))).toEqual({ decision, reason: expect.stringMatching(reason) });
  expect(isContested(lost({ status }))).toBe(contested);
});

test('a refund whose status Stripe does not tell is waited for', () => {
  const { status } = adjustmentOfRefund(refund({ status: null }));
  expect(decide(adjustment({ status }))).toEqual({ decision: 'wait', reason: 'the refund is unknown' });
});

test.each<[cause: string | null, reason: string | undefined]>([
  ['duplicate', 'duplicate'],
  ['fraudulent', 'fraudulent'],
  ['requested_by_customer', 'order_change'],
  ['product_not_received', 'product_unsatisfactory'],
  ['product_unacceptable', 'product_unsatisfactory'],
  ['expired_uncaptured_charge', undefined],
  ['subscription_canceled', undefined],
  ['general', undefined],
  [null, undefined],
])('cause %s: the note says %s', (cause, reason) => {
  expect(noteReason(adjustment({ cause }))).toBe(reason);
});
