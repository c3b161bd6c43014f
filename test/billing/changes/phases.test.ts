import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { phasesWith } from '../../../src/billing/changes/phases.ts';

/** A phase is sent whole: what it has now goes on, and only the items become others. */
const PLAIN = {
  start_date: 100,
  end_date: 200,
  collection_method: null,
  default_payment_method: null,
  default_tax_rates: [],
  discounts: [],
  metadata: {},
  automatic_tax: { enabled: false },
  description: null,
  invoice_settings: null,
};
const item = (price: string, more: object = {}) => ({
  price,
  quantity: 1,
  metadata: {},
  tax_rates: [],
  discounts: [],
  ...more,
});
const schedule = (phase: object): Pick<Stripe.SubscriptionSchedule, 'id' | 'phases' | 'current_phase'> =>
  JSON.parse(
    JSON.stringify({
      id: 'sub_sched_1',
      current_phase: { start_date: 100, end_date: 200 },
      phases: [
        { ...PLAIN, start_date: 0, end_date: 100, items: [] },
        { ...PLAIN, ...phase },
      ],
    }),
  );
const prices = new Map([
  ['si_1', 'price_pro'],
  ['si_2', 'price_seat'],
]);
const both = [item('price_pro'), item('price_seat', { quantity: 3 })];
const [pro, seats] = [
  { price: 'price_pro', quantity: 1 },
  { price: 'price_seat', quantity: 3 },
];

test.each<[string, Parameters<typeof phasesWith>[2]['items'], object[]]>([
  [
    'another price',
    [{ id: 'si_1', price: 'price_basic', quantity: 1 }],
    [{ price: 'price_basic', quantity: 1 }, seats],
  ],
  ['another quantity', [{ id: 'si_2', price: 'price_seat', quantity: 8 }], [pro, { price: 'price_seat', quantity: 8 }]],
  ['one that is metered', [{ id: 'si_1', price: 'price_calls' }], [{ price: 'price_calls' }, seats]],
  ['one that goes', [{ id: 'si_2', deleted: true }], [pro]],
  ['a further one', [{ price: 'price_more', quantity: 2 }], [pro, seats, { price: 'price_more', quantity: 2 }]],
])('%s comes with the next phase, which lasts a day', (_, asked, after) => {
  expect(phasesWith(schedule({ items: both }), prices, { items: asked })).toEqual({
    end: 200,
    phases: [
      { items: [pro, seats], start_date: 100, end_date: 200 },
      { items: after, duration: { interval: 'day', interval_count: 1 }, proration_behavior: 'none' },
    ],
  });
});

test('what the phase has, and its items, goes on', () => {
  const has = {
    collection_method: 'send_invoice',
    default_payment_method: { id: 'pm_1' },
    default_tax_rates: [{ id: 'txr_1' }],
    discounts: [
      { discount: 'di_1', coupon: 'c_1', promotion_code: null },
      { discount: null, coupon: 'c_2', promotion_code: 'promo_1' },
      { discount: null, coupon: { id: 'c_3' }, promotion_code: null },
    ],
    metadata: { a: '1' },
    automatic_tax: { enabled: true },
    description: 'a club',
    invoice_settings: { days_until_due: 30 },
    items: [
      item('price_pro', {
        metadata: { b: '2' },
        tax_rates: [{ id: 'txr_2' }],
        discounts: [{ discount: null, coupon: 'c_4', promotion_code: null }],
      }),
    ],
  };
  const carried = {
    collection_method: 'send_invoice',
    default_payment_method: 'pm_1',
    default_tax_rates: ['txr_1'],
    discounts: [{ discount: 'di_1' }, { promotion_code: 'promo_1' }, { coupon: 'c_3' }],
    metadata: { a: '1' },
    automatic_tax: { enabled: true },
    description: 'a club',
    invoice_settings: { days_until_due: 30 },
  };
  const kept = { metadata: { b: '2' }, tax_rates: ['txr_2'], discounts: [{ coupon: 'c_4' }] };
  const { phases } = phasesWith(schedule(has), prices, {
    items: [{ id: 'si_1', price: 'price_basic', quantity: 2 }],
  });
  expect(phases).toMatchObject([
    { ...carried, items: [{ ...kept, price: 'price_pro', quantity: 1 }] },
    { ...carried, items: [{ ...kept, price: 'price_basic', quantity: 2 }] },
  ]);
});

test('a schedule of which no phase runs is a mistake of ours', () => {
  expect(() => phasesWith({ ...schedule({ items: [] }), current_phase: null }, prices, { items: [] })).toThrow(
    /no phase of sub_sched_1 runs/,
  );
});

test('at another interval the periods are counted from there', () => {
  const asked = { items: [{ id: 'si_1', price: 'price_year', quantity: 1 }], restarts: true as const };
  const [, next] = phasesWith(schedule({ items: both }), prices, asked).phases;
  expect(next).toMatchObject({ billing_cycle_anchor: 'phase_start', items: [{ price: 'price_year' }, seats] });
});
