import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { costsOf, itemChanges, linesOf, NOTHING_DUE, staleness } from '../../../src/billing/changes/preview.ts';
import { april, item, march, may, price } from '../../support/subscription-records.ts';
import { plansPolicy } from '../../support/subscriptions.ts';

/** What is due now, by what Stripe shows; and how long that holds. */
const seconds = (moment: Date) => moment.getTime() / 1000;
const mid = seconds(march) + 86_400;

function shown(says: { created?: number; total: number; due: number; date?: number | null }): Stripe.Invoice {
  const { created = mid, total, due, date = mid } = says;
  const part = { description: 'Remaining time', amount: total, period: { start: mid, end: seconds(april) } };
  const parent = { subscription_item_details: { proration: true }, invoice_item_details: null };
  const invoice = {
    created,
    total,
    amount_due: due,
    lines: { data: [{ ...part, parent }] },
    parent: { subscription_details: { ...(date === null ? {} : { subscription_proration_date: date }) } },
  };
  return JSON.parse(JSON.stringify(invoice));
}

test.each<[string, Parameters<typeof shown>[0], object]>([
  ['all of it', { total: 1_290, due: 1_290 }, { dueNow: 1_290, total: 1_290, balanceUsed: 0, prorationDate: mid }],
  ['less what the balance pays', { total: 1_290, due: 290 }, { dueNow: 290, total: 1_290, balanceUsed: 1_000 }],
  ['nothing, where the balance pays all', { total: 500, due: 0 }, { dueNow: 0, balanceUsed: 500 }],
  ['more, where the balance adds to it', { total: 500, due: 700 }, { dueNow: 700, balanceUsed: -200 }],
  ['nothing of a credit', { total: -800, due: 0 }, { dueNow: 0, total: -800, balanceUsed: 0 }],
  ['from no moment, where nothing is prorated', { total: 500, due: 500, date: null }, { prorationDate: null }],
])('due is %s', (_, says, costs) => {
  expect(costsOf(shown(says), [item()])).toMatchObject(costs);
});

test('of an invoice that comes with the next period nothing is due now, whichever item is the first to renew', () => {
  const renewal = shown({ created: seconds(april), total: 3_000, due: 3_000 });
  expect(costsOf(renewal, [item()])).toEqual(NOTHING_DUE);
  expect(costsOf(renewal, [item({ periodEnd: may }), item()])).toEqual(NOTHING_DUE);
  expect(costsOf(renewal, [item({ periodEnd: may })])).toMatchObject({ dueNow: 3_000 });
});

const seen = { dueNow: 290, total: 1_290, prorationDate: mid };
test.each<[string, Partial<typeof NOTHING_DUE>, number | null, string | undefined]>([
  ['the same', {}, mid + 60, undefined],
  ['the same after an hour', {}, mid + 3_600, undefined],
  ['the same later than that', {}, mid + 3_601, 'age'],
  ['the same of an unknown moment', {}, null, undefined],
  ['another amount due', { dueNow: 291 }, mid, 'amounts'],
  ['another total', { total: 1_291 }, mid, 'amounts'],
  ['one that counts from no moment', { prorationDate: null }, mid, 'amounts'],
])('%s', (_, now, at, why) => {
  expect(staleness(seen, { at, costs: { ...NOTHING_DUE, ...seen, ...now } })).toBe(why);
});

test('what is not prorated does not grow old', () => {
  const nothing = { dueNow: 0, total: 0, prorationDate: null };
  expect(staleness(nothing, { at: mid + 9_999, costs: NOTHING_DUE })).toBeUndefined();
});

test('lines are those of Stripe, of items and of prorations that have waited', () => {
  const period = { start: seconds(march), end: seconds(april) };
  const of = (description: string | null, parent: object | null) => ({ description, amount: 7, period, parent });
  const invoice: Stripe.Invoice = JSON.parse(
    JSON.stringify({
      lines: {
        data: [
          of('Pro', { subscription_item_details: { proration: false }, invoice_item_details: null }),
          of('Rest', { subscription_item_details: { proration: true } }),
          of('Waited', { invoice_item_details: { proration: true } }),
          of(null, null),
        ],
      },
    }),
  );
  const line = { amount: 7, periodStart: march, periodEnd: april };
  expect(linesOf(invoice)).toEqual([
    { ...line, description: 'Pro', proration: false },
    { ...line, description: 'Rest', proration: true },
    { ...line, description: 'Waited', proration: true },
    { ...line, description: '', proration: false },
  ]);
});

test('nothing is due: no lines, no balance, no moment', () => {
  expect(NOTHING_DUE).toEqual({ dueNow: 0, total: 0, balanceUsed: 0, lines: [], prorationDate: null });
});

test('what becomes what is told by the names of the application', () => {
  const basic = price({ id: 'price_basic', lookupKey: 'basic_monthly', product: 'prod_basic' });
  const unnamed = price({ id: 'price_x', lookupKey: null, product: 'prod_x' });
  const pro = { price: 'price_pro', plan: 'pro', quantity: 1 };
  expect(
    itemChanges(
      [
        { kind: 'changed', item: item(), price: basic, quantity: 2 },
        { kind: 'added', price: unnamed, quantity: null },
        { kind: 'removed', item: item({ id: 'si_2' }) },
      ],
      plansPolicy,
    ),
  ).toEqual([
    { item: 'si_1', before: pro, after: { price: 'price_basic', plan: 'basic', quantity: 2 } },
    { item: null, before: null, after: { price: 'price_x', plan: null, quantity: null } },
    { item: 'si_2', before: pro, after: null },
  ]);
});
