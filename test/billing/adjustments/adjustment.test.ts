import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { adjustmentOfRefund, decide, isContested, noteReason } from '../../../src/billing/adjustments/adjustment.ts';
import { adjustment, lost, refund } from './stripe-adjustments.ts';

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

test.each<[status: Stripe.Dispute.Status, decision: string, contested: boolean]>([
  ['warning_needs_response', 'wait', true],
  ['warning_under_review', 'wait', true],
  ['warning_closed', 'none', false],
  ['needs_response', 'wait', true],
  ['under_review', 'wait', true],
  ['won', 'none', false],
  ['lost', 'note', false],
  ['prevented', 'none', false],
  ['appeal_needs_response', 'wait', true],
  ['appeal_under_review', 'wait', true],
  ['something_new', 'wait', true],
])('a dispute that is %s: %s, contested %s', (status, decision, contested) => {
  expect(decide(lost({ status })).decision).toBe(decision);
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
