import { describe, expect, test } from 'vitest';
import {
  FULFILLED_WITHIN_SECONDS,
  looksAgainAfter,
  type SessionFacts,
  type SessionOutcome,
  sessionOutcome,
} from '../../../src/billing/checkouts/session-outcome.ts';

/** A session that was paid and has its document; each row says what is different. */
function outcomeOf(says: Partial<SessionFacts>): string {
  const { outcome, reason } = sessionOutcome({
    mode: 'payment',
    status: 'complete',
    payment_status: 'paid',
    payment: 'succeeded',
    failure_code: null,
    is_told: true,
    intent_status: null,
    is_begun: false,
    has_document: true,
    has_access: false,
    asked: null,
    is_skipped: false,
    awaits_booking: false,
    is_overdue: false,
    ...says,
  });
  return reason === null ? outcome : `${outcome} ${reason}`;
}

const expired = { status: 'expired', payment_status: 'unpaid', payment: 'none', has_document: false } as const;
const unpaid = { payment_status: 'unpaid', payment: 'under_way', has_document: false } as const;
const bare = { has_document: false } as const;
const free = { payment_status: 'no_payment_required', payment: 'none', has_document: false } as const;

describe('what became of a session', () => {
  test.each<[string, Partial<SessionFacts>, string]>([
    ['open, nobody has tried', { ...unpaid, status: 'open', payment: 'none' }, 'open'],
    ['open, declined so far', { ...unpaid, status: 'open', payment: 'failed', failure_code: 'lost_card' }, 'open'],

    ['expired, nobody has tried', expired, 'abandoned'],
    ['expired, declined at last', { ...expired, payment: 'failed', failure_code: 'lost_card' }, 'failed declined'],
    ['expired, tried without an end', { ...expired, payment: 'failed' }, 'failed not_confirmed'],
    ['expired, a confirmation was not given', { ...expired, payment: 'under_way' }, 'failed not_confirmed'],
    ['… after a decline', { ...expired, payment: 'under_way', failure_code: 'lost_card' }, 'failed not_confirmed'],
    ['expired, and Stripe was not asked since', { ...expired, is_told: false }, 'pending not_told'],
    ['… although it was declined before', { ...expired, is_told: false, payment: 'failed' }, 'pending not_told'],

    ['paid, with its document', {}, 'succeeded'],
    ['paid, with access alone', { ...bare, has_access: true }, 'succeeded'],
    ['paid after a decline', { failure_code: 'lost_card' }, 'succeeded'],
    [
      'paid and served, by events alone',
      { is_told: false, payment: 'none', payment_status: 'unpaid', intent_status: 'succeeded' },
      'succeeded',
    ],
    ['paid, as Stripe told while it was under way by the events', { intent_status: 'processing' }, 'succeeded'],
    ['paid, as the payment alone says', { payment_status: 'unpaid' }, 'succeeded'],
    ['paid, as the session alone says', { ...bare, payment: 'none', intent_status: 'processing' }, 'pending in_work'],
    [
      'paid, as the payment alone says, and not served',
      { ...bare, payment_status: 'unpaid', intent_status: 'processing' },
      'pending in_work',
    ],
    ['paid a moment ago', bare, 'pending in_work'],
    ['… for too long', { ...bare, is_overdue: true }, 'failed not_fulfilled'],
    ['… and served late', { is_overdue: true }, 'succeeded'],
    ['paid, and a rule leaves it out', { ...bare, is_skipped: true }, 'left_out'],
    ['… which has access all the same', { ...bare, is_skipped: true, has_access: true }, 'succeeded'],
    [
      'paid, its document waits for the day of the money',
      { ...bare, awaits_booking: true, is_overdue: true },
      'pending booking',
    ],
    ['… and is made', { awaits_booking: true }, 'succeeded'],
    [
      '… and a person is asked by now',
      { ...bare, awaits_booking: true, asked: 'document', is_overdue: true },
      'failed question',
    ],
    ['paid, a person is asked about its document', { ...bare, asked: 'document' }, 'pending in_work'],
    ['… for too long', { ...bare, asked: 'document', is_overdue: true }, 'failed question'],
    ['… which it has, too', { asked: 'document', is_overdue: true }, 'succeeded'],
    [
      'paid and documented, a person is asked to whom the access goes',
      { asked: 'access', is_overdue: true },
      'failed question',
    ],
    ['… a moment ago', { asked: 'access' }, 'pending in_work'],
    ['… and some of it is given', { asked: 'access', has_access: true, is_overdue: true }, 'succeeded'],

    [
      'a subscription has its invoice, and Stripe was not asked',
      { ...unpaid, mode: 'subscription', payment: 'none', is_told: false, has_document: true },
      'succeeded',
    ],
    ['a debit is under way', unpaid, 'pending under_way'],
    [
      '… as events say',
      { ...unpaid, payment: 'none', is_told: false, intent_status: 'processing' },
      'pending under_way',
    ],
    ['… and Stripe tells of no payment', { ...unpaid, payment: 'none' }, 'pending under_way'],
    [
      'a debit has failed, as events say',
      { ...unpaid, intent_status: 'requires_payment_method' },
      'failed payment_failed',
    ],
    ['… as Stripe tells', { ...unpaid, payment: 'failed' }, 'failed payment_failed'],
    ['money that was held is let go', { ...unpaid, intent_status: 'canceled' }, 'failed payment_failed'],
    ['complete, and no more is known', { ...unpaid, payment: 'none', is_told: false }, 'pending not_told'],
    ['… but a decline of before', { ...unpaid, payment: 'failed', is_told: false }, 'pending not_told'],

    ['nothing was to be paid', free, 'succeeded'],
    ['a trial has begun', { ...free, mode: 'subscription', is_begun: true }, 'succeeded'],
    ['… of which nobody has heard here', { ...free, mode: 'subscription' }, 'pending in_work'],
    ['… for too long', { ...free, mode: 'subscription', is_overdue: true }, 'failed not_fulfilled'],
    [
      'a paid subscription that is known, without invoice and access',
      { ...bare, mode: 'subscription', is_begun: true },
      'pending in_work',
    ],
  ])('%s', (_what, says, outcome) => {
    expect(outcomeOf(says)).toBe(outcome);
  });
});

test('too long is a quarter of an hour', () => {
  expect(FULFILLED_WITHIN_SECONDS).toBe(900);
});

describe('it is decided again', () => {
  test.each<[SessionOutcome, number | null]>([
    [{ outcome: 'open', reason: null }, null],
    [{ outcome: 'succeeded', reason: null }, null],
    [{ outcome: 'abandoned', reason: null }, null],
    [{ outcome: 'left_out', reason: null }, null],
    [{ outcome: 'pending', reason: 'in_work' }, 15],
    [{ outcome: 'pending', reason: 'not_told' }, 300],
    [{ outcome: 'pending', reason: 'under_way' }, 300],
    [{ outcome: 'pending', reason: 'booking' }, 300],
    [{ outcome: 'failed', reason: 'question' }, 3_600],
    [{ outcome: 'failed', reason: 'not_fulfilled' }, 3_600],
    [{ outcome: 'failed', reason: 'declined' }, null],
    [{ outcome: 'failed', reason: 'not_confirmed' }, null],
    [{ outcome: 'failed', reason: 'payment_failed' }, null],
  ])('%j: after %s seconds', (outcome, seconds) => {
    expect(looksAgainAfter(outcome)).toBe(seconds);
  });
});
