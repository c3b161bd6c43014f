import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { ItemParam } from '../../../src/billing/changes/change-params.ts';
import {
  holds,
  madeBy,
  type Standing,
  seenIn,
  standingOfItems,
  standingOfPending,
  stillStands,
} from '../../../src/billing/changes/made.ts';
import { april, item } from '../../support/subscription-records.ts';

/** What came of a change, and whether it is made: looked at before anything is asked twice. */
const standing = (says: Partial<Standing> = {}): Standing => ({ id: 'si_1', price: 'price_pro', quantity: 1, ...says });

describe('a change', () => {
  test.each<[string, ItemParam[], Standing[], boolean]>([
    ['of the price', [{ id: 'si_1', price: 'price_pro', quantity: 1 }], [standing()], true],
    ['of the price that is not there yet', [{ id: 'si_1', price: 'price_x', quantity: 1 }], [standing()], false],
    ['of the quantity', [{ id: 'si_1', price: 'price_pro', quantity: 2 }], [standing({ quantity: 2 })], true],
    ['of another quantity', [{ id: 'si_1', price: 'price_pro', quantity: 2 }], [standing()], false],
    ['of another item', [{ id: 'si_2', price: 'price_pro', quantity: 1 }], [standing()], false],
    ['of what is metered', [{ id: 'si_1', price: 'price_pro' }], [standing({ quantity: null })], true],
    ['that added one', [{ price: 'price_pro', quantity: 1 }], [standing({ id: 'si_9' })], true],
    ['that has not added it', [{ price: 'price_x', quantity: 1 }], [standing()], false],
    ['that removed one', [{ id: 'si_2', deleted: true }], [standing()], true],
    ['that has not removed it', [{ id: 'si_1', deleted: true }], [standing()], false],
    [
      'made in part',
      [
        { id: 'si_1', price: 'price_pro', quantity: 1 },
        { price: 'price_x', quantity: 1 },
      ],
      [standing()],
      false,
    ],
  ])('%s', (_, asked, items, made) => {
    expect(holds(asked, items)).toBe(made);
  });
});

const invoice = (says: object): Stripe.Invoice =>
  JSON.parse(
    JSON.stringify({
      id: 'in_2',
      status: 'paid',
      amount_due: 5,
      amount_remaining: 0,
      total: 7,
      hosted_invoice_url: 'https://pay.example',
      ...says,
    }),
  );
test.each<[string, Parameters<typeof madeBy>[0], object]>([
  [
    'paid, it is applied',
    { pendingUntil: null, latestInvoice: invoice({}) },
    { outcome: 'applied', invoice: 'in_2', chargedDue: 5, chargedTotal: 7, payUrl: null, effectAt: null },
  ],
  [
    'not paid, it waits',
    { pendingUntil: april, latestInvoice: invoice({ status: 'open', amount_remaining: 5 }) },
    { outcome: 'waiting', payUrl: 'https://pay.example', effectAt: april },
  ],
  [
    'invoiced, it waits for as long as it takes',
    { pendingUntil: null, latestInvoice: invoice({ status: 'open', amount_remaining: 5 }) },
    { outcome: 'waiting', payUrl: 'https://pay.example', effectAt: null },
  ],
  [
    'without an invoice of its own nothing is charged',
    { pendingUntil: null, latestInvoice: invoice({ id: 'in_1', status: 'open', amount_remaining: 5 }) },
    { outcome: 'applied', invoice: null, chargedDue: 0, chargedTotal: 0, payUrl: null },
  ],
  [
    'open with nothing left to pay, it is applied',
    { pendingUntil: null, latestInvoice: invoice({ status: 'open' }) },
    { outcome: 'applied', payUrl: null },
  ],
  [
    'pending without an invoice, it waits',
    { pendingUntil: april, latestInvoice: null },
    { outcome: 'waiting', payUrl: null, effectAt: april },
  ],
  ['without any invoice', { pendingUntil: null, latestInvoice: null }, { outcome: 'applied', invoice: null }],
])('%s', (_, seen, made) => {
  expect(madeBy(seen, 'in_1')).toMatchObject(made);
});

describe('the same again', () => {
  const row = {
    proration_date: null,
    outcome: 'applied' as const,
    schedule: null,
    params: { items: [] as ItemParam[] },
  };
  const now = { items: [item()], schedule: null };
  const pro = [{ id: 'si_1', price: 'price_pro', quantity: 1 }];
  test.each<[string, Parameters<typeof stillStands>[0], Parameters<typeof stillStands>[1], boolean]>([
    [
      'of the same second is the same',
      { ...row, proration_date: 7, params: { items: [{ id: 'x', price: 'y' }] } },
      now,
      true,
    ],
    ['is the same while it stands', { ...row, params: { items: pro } }, now, true],
    ['is another one after something else', { ...row, params: { items: [{ id: 'si_1', price: 'x' }] } }, now, false],
    ['is planned already', { ...row, outcome: 'scheduled', schedule: 's' }, { ...now, schedule: 's' }, true],
    ['is planned anew when that was released', { ...row, outcome: 'scheduled', schedule: 's' }, now, false],
    ['is planned by nobody', { ...row, outcome: 'scheduled' }, now, false],
  ])('%s', (_, made, live, stands) => {
    expect(stillStands(made, live)).toBe(stands);
  });
});

test('what stands is read off the items, and off what waits', () => {
  expect(standingOfItems([item({ quantity: 3 })])).toEqual([{ id: 'si_1', price: 'price_pro', quantity: 3 }]);
  const pending = (items: object[] | null) => JSON.parse(JSON.stringify({ expires_at: 9, subscription_items: items }));
  const waiting = [
    { id: 'si_1', price: { id: 'price_x' }, quantity: 2 },
    { id: 'si_2', price: { id: 'price_y' } },
  ];
  expect(standingOfPending(pending(waiting))).toEqual([
    { id: 'si_1', price: 'price_x', quantity: 2 },
    { id: 'si_2', price: 'price_y', quantity: null },
  ]);
  expect([standingOfPending(pending(null)), standingOfPending(null)]).toEqual([[], []]);
});

test('what came of it is read off the answer of Stripe', () => {
  const of = (says: object): Stripe.Subscription =>
    JSON.parse(JSON.stringify({ pending_update: null, latest_invoice: null, ...says }));
  expect(seenIn(of({}))).toEqual({ pendingUntil: null, latestInvoice: null });
  expect(seenIn(of({ latest_invoice: 'in_1' }))).toEqual({ pendingUntil: null, latestInvoice: null });
  expect(seenIn(of({ pending_update: { expires_at: 9 }, latest_invoice: { id: 'in_1' } }))).toEqual({
    pendingUntil: new Date(9_000),
    latestInvoice: { id: 'in_1' },
  });
});
