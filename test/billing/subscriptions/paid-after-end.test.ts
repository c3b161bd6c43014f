import { expect, test } from 'vitest';
import { isPaidAfterEnd } from '../../../src/billing/subscriptions/paid-after-end.ts';
import type { Subscription, SubscriptionInvoice } from '../../../src/billing/subscriptions/subscription.ts';
import { april, invoice, line, march, may, subscription } from '../../support/subscription-records.ts';

/** Money for a subscription that had ended, as a table: it ended in the middle of April, and was paid at the end of it. */
const mid = new Date('2026-04-14T00:00:00Z');
const late = new Date('2026-04-30T00:00:00Z');
const overApril = line({ periodStart: april, periodEnd: may });
const overMarch = line({ periodStart: march, periodEnd: april });

test.each<[string, Partial<Subscription>, Partial<SubscriptionInvoice>, boolean]>([
  ['over a time in which there was none', {}, {}, true],
  ['before it ended', {}, { paidAt: april }, false],
  ['in the moment that it ended', {}, { paidAt: mid }, false],
  ['a second after', {}, { paidAt: new Date(mid.getTime() + 1_000) }, true],
  ['what was used before is owed', {}, { lines: [overMarch] }, false],
  ['up to the very end, too', {}, { lines: [line({ periodStart: april, periodEnd: mid })] }, false],
  ['one line over later is enough', {}, { lines: [overMarch, overApril] }, true],
  [
    'a credit for the rest is no payment for it',
    {},
    { lines: [overMarch, line({ ...overApril, amount: -500 })] },
    false,
  ],
  ['of a subscription that goes on', { status: 'active', endedAt: null }, {}, false],
  ['of one that is unpaid', { status: 'unpaid', endedAt: null }, {}, false],
  ['that is open', {}, { status: 'open', paidAt: null, amountPaid: 0 }, false],
  ['in part, and open', {}, { status: 'open', amountPaid: 1_000 }, false],
  ['for what costs nothing later', {}, { lines: [overMarch, line({ ...overApril, amount: 0 })] }, false],
  ['over nothing', {}, { amountPaid: 0 }, false],
  ['of one that never began', { status: 'incomplete_expired' }, { paidAt: april, lines: [overMarch] }, true],
  [
    'of one that never began, and without a moment of its end',
    { status: 'incomplete_expired', endedAt: null },
    {},
    true,
  ],
  ['of one of which only its cancellation is dated', { endedAt: null, canceledAt: mid }, {}, true],
  ['of one of which no end is known', { endedAt: null, canceledAt: null }, {}, false],
])('%s', (_, says, paid, isLate) => {
  expect(
    isPaidAfterEnd(
      subscription({ status: 'canceled', endedAt: mid, canceledAt: april, ...says }),
      invoice({ paidAt: late, lines: [overApril], ...paid }),
    ),
  ).toBe(isLate);
});
