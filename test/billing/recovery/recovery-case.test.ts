import { describe, expect, test } from 'vitest';
import {
  asToldEnd,
  type CaseRecords,
  endOfCase,
  givenUpAt,
  opensCase,
} from '../../../src/billing/recovery/recovery-case.ts';
import { after as plus } from '../../../src/platform/clock.ts';
import { april, invoice, march, may, subscription } from '../../support/subscription-records.ts';

/** What becomes of an invoice whose payment failed, read off what Stripe says, as a table. */
const failedAt = plus(april, 3_600);
interface Says {
  readonly invoice?: Partial<CaseRecords['invoice']>;
  readonly subscription?: Partial<CaseRecords['subscription']>;
  readonly failures?: CaseRecords['failures'];
  readonly now?: Date;
  readonly plannedEnd?: Date;
  readonly endedByUs?: boolean;
  readonly paidBy?: 'step' | 'new_card' | 'operator';
}
const records = (says: Says = {}): CaseRecords => ({
  invoice: invoice({
    status: 'open',
    amountPaid: 0,
    amountRemaining: 3_000,
    attemptCount: 2,
    nextPaymentAttempt: may,
    paidAt: null,
    ...says.invoice,
  }),
  subscription: subscription({ status: 'past_due', ...says.subscription }),
  failures: says.failures ?? [{ at: failedAt, requiresAction: false }],
  now: says.now ?? plus(failedAt, 60),
  plannedEnd: says.plannedEnd,
  ...(says.endedByUs === undefined ? {} : { endedByUs: says.endedByUs }),
});
const end = (says: Says) => {
  const ended = endOfCase(records(says), { attemptCount: 2, paidBy: says.paidBy });
  return ended && `${ended.state} ${ended.how}`;
};

describe('a case', () => {
  test('begins with a renewal that failed', () => {
    expect(opensCase(records())).toBe(true);
    expect(opensCase(records({ invoice: { billingReason: 'subscription_update' } }))).toBe(true);
    expect(opensCase(records({ subscription: { pendingUpdateUntil: may } }))).toBe(true);
  });

  test.each<[string, Says]>([
    ['with the first payment', { invoice: { billingReason: 'subscription_create' } }],
    ['with what is sent to be paid', { invoice: { collectionMethod: 'send_invoice' } }],
    ['before a try', { invoice: { attemptCount: 0 } }],
    ['where nothing is open', { invoice: { amountRemaining: 0 } }],
    ['when it is paid', { invoice: { status: 'paid' } }],
    ['before it is known how it failed', { failures: [] }],
    ['when it is a draft', { invoice: { status: 'draft' } }],
    [
      'with a change that waits for its payment',
      { invoice: { billingReason: 'subscription_update' }, subscription: { pendingUpdateUntil: may } },
    ],
  ])('does not begin %s', (_when, says) => {
    expect(opensCase(records(says))).toBe(false);
  });
});

const paid = (says: Partial<CaseRecords['invoice']> = {}): Says => ({
  invoice: { status: 'paid', amountPaid: 3_000, amountRemaining: 0, nextPaymentAttempt: null, paidAt: may, ...says },
});
const canceled = (cancellationReason: string | null): Says => ({
  subscription: { status: 'canceled', cancellationReason, endedAt: may },
});

const givenUpAtStripe: Says = { invoice: { nextPaymentAttempt: null }, now: plus(failedAt, 7_200) };
const ours: Says = { plannedEnd: may };

describe('it ends', () => {
  test.each<[string, Says, string | undefined]>([
    ['not yet while Stripe tries', {}, undefined],
    ['paid by a try more than was counted', paid({ attemptCount: 3 }), 'recovered retry'],
    ['paid without one', paid(), 'recovered customer'],
    ['paid by a step of ours', { ...paid(), paidBy: 'step' }, 'recovered retry'],
    ['paid by a new card that we tried', { ...paid(), paidBy: 'new_card' }, 'recovered customer'],
    [
      'paid by a try of ours rather than one of Stripe',
      { ...paid({ attemptCount: 3 }), paidBy: 'new_card' },
      'recovered customer',
    ],
    ['paid by a try of a person', { ...paid(), paidBy: 'operator' }, 'recovered operator'],
    ['not before our own end', { ...givenUpAtStripe, plannedEnd: plus(failedAt, 7_201) }, undefined],
    ['at our own end', { ...givenUpAtStripe, plannedEnd: plus(failedAt, 7_200) }, 'ended exhausted'],
    ['not in unpaid, where we try', { ...ours, subscription: { status: 'unpaid' } }, undefined],
    ['void, where we try', { ...ours, invoice: { status: 'void' } }, 'ended cancelled'],
    ['not with what was ended for another invoice, while it goes on', { endedByUs: true }, undefined],
    [
      'written off by a person, though one was ended for another invoice',
      { endedByUs: true, invoice: { status: 'uncollectible' } },
      'ended cancelled',
    ],
    ['cancelled by a person, where we try', { ...ours, ...canceled('cancellation_requested') }, 'ended cancelled'],
    [
      'with what we have ended for another invoice',
      { ...ours, ...canceled('cancellation_requested'), endedByUs: true },
      'ended exhausted',
    ],
    ['paid elsewhere', paid({ amountOffStripe: 3_000 }), 'recovered out_of_band'],
    ['paid, and it is not known where', paid({ amountOffStripe: null }), 'recovered customer'],
    ['credited', paid({ amountPaid: 0 }), 'ended refunded'],
    ['void', { invoice: { status: 'void' } }, 'ended cancelled'],
    ['written off by a person', { invoice: { status: 'uncollectible' } }, 'ended cancelled'],
    [
      'written off at the end of the tries',
      { invoice: { status: 'uncollectible' }, subscription: { status: 'unpaid' } },
      'ended exhausted',
    ],
    ['canceled for it', canceled('payment_failed'), 'ended exhausted'],
    ['canceled by somebody', canceled('cancellation_requested'), 'ended cancelled'],
    ['canceled, and nobody says why', canceled(null), 'ended cancelled'],
    ['unpaid', { invoice: { nextPaymentAttempt: null }, subscription: { status: 'unpaid' } }, 'ended exhausted'],
    ['not yet right after the last try', { invoice: { nextPaymentAttempt: null } }, undefined],
    [
      'left past due after the last try',
      { invoice: { nextPaymentAttempt: null }, now: plus(failedAt, 3_600) },
      'ended exhausted',
    ],
    [
      'not by time while it waits for its customer',
      { invoice: { nextPaymentAttempt: null }, failures: [{ at: failedAt, requiresAction: true }], now: may },
      undefined,
    ],
  ])('%s', (_how, says, ended) => {
    expect(end(says)).toBe(ended);
  });

  test('at the moment that Stripe names, else when it was found', () => {
    const at = (says: Says) => endOfCase(records(says), { attemptCount: 2 })?.at;
    expect(at(paid())).toEqual(may);
    expect(at(paid({ paidAt: null }))).toEqual(plus(failedAt, 60));
    expect(at(canceled('payment_failed'))).toEqual(may);
    expect(at({ subscription: { status: 'canceled', endedAt: null } })).toEqual(plus(failedAt, 60));
    expect(at({ invoice: { nextPaymentAttempt: null }, now: may })).toEqual(failedAt);
  });
});

test('Stripe has given up with the last failure after which it plans no try', () => {
  const failures = [march, failedAt].map((at) => ({ at, requiresAction: false }));
  expect(givenUpAt(records({ failures }))).toBeNull();
  expect(givenUpAt(records({ failures, invoice: { nextPaymentAttempt: null } }))).toEqual(failedAt);
  expect(givenUpAt(records({ failures, invoice: { nextPaymentAttempt: null, status: 'paid' } }))).toBeNull();
  expect(givenUpAt(records({ failures: [], invoice: { nextPaymentAttempt: null } }))).toBeNull();
  expect(givenUpAt(records({ failures, invoice: { nextPaymentAttempt: null }, plannedEnd: may }))).toBeNull();
});

test.each([
  ['retry', 'paid'],
  ['customer', 'paid'],
  ['out_of_band', 'paid'],
  ['refunded', 'refunded'],
  ['cancelled', 'cancelled'],
  ['exhausted', 'exhausted'],
] as const)('for letters %s is %s', (how, told) => {
  expect(asToldEnd({ how, at: may })).toEqual({ how: told, at: may });
});
