import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineAmounts } from '../../simulator/checkout/amounts.ts';
import type { ObjectTypes } from '../../simulator/core/objects.ts';

const rate = (percentage: number, inclusive: boolean): ObjectTypes['tax_rate'] => ({
  id: `txr_${percentage}_${inclusive}`,
  object: 'tax_rate',
  active: true,
  country: null,
  created: 0,
  description: null,
  display_name: 'Tax',
  effective_percentage: percentage,
  flat_amount: null,
  inclusive,
  jurisdiction: null,
  jurisdiction_level: null,
  livemode: false,
  metadata: {},
  percentage,
  rate_type: 'percentage',
  state: null,
  tax_type: null,
});

const coupon = (off: { percent_off?: number; amount_off?: number }): ObjectTypes['coupon'] => ({
  id: 'c',
  object: 'coupon',
  amount_off: off.amount_off ?? null,
  created: 0,
  currency: null,
  duration: 'once',
  duration_in_months: null,
  livemode: false,
  max_redemptions: null,
  metadata: {},
  name: null,
  percent_off: off.percent_off ?? null,
  redeem_by: null,
  times_redeemed: 0,
  valid: true,
});

describe('amounts of Checkout lines', () => {
  it.each([
    ['no tax', [], undefined, { discount: 0, tax: 0, total: 1000 }],
    ['tax on top', [rate(19, false)], undefined, { discount: 0, tax: 190, total: 1190 }],
    ['tax within', [rate(19, true)], undefined, { discount: 0, tax: 160, total: 1000 }],
    ['two taxes on top', [rate(5, false), rate(9.975, false)], undefined, { discount: 0, tax: 150, total: 1150 }],
    ['tax within and on top', [rate(10, true), rate(5, false)], undefined, { discount: 0, tax: 136, total: 1045 }],
    ['a percentage off', [rate(20, false)], coupon({ percent_off: 25 }), { discount: 250, tax: 150, total: 900 }],
    ['an amount off', [rate(20, true)], coupon({ amount_off: 400 }), { discount: 400, tax: 100, total: 600 }],
    ['more off than it costs', [rate(20, false)], coupon({ amount_off: 5000 }), { discount: 1000, tax: 0, total: 0 }],
  ])('with %s', (_name, rates, discount, expected) => {
    expect(lineAmounts([{ subtotal: 1000, rates }], discount)).toMatchObject([expected]);
  });

  it('spread an amount off over the lines to the last cent', () => {
    const lines = [333, 333, 334].map((subtotal) => ({ subtotal, rates: [] }));
    const discounts = lineAmounts(lines, coupon({ amount_off: 100 })).map(({ discount }) => discount);
    expect(discounts).toEqual([33, 33, 34]);
  });

  it('always add up', () => {
    const line = fc.record({
      subtotal: fc.integer({ min: 0, max: 1_000_000 }),
      rates: fc.array(
        fc
          .tuple(fc.integer({ min: 0, max: 1_000_000 }), fc.boolean())
          .map(([p, inclusive]) => rate(p / 1e4, inclusive)),
        { maxLength: 3 },
      ),
    });
    const off = fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), off, (lines, percent) => {
        const amounts = lineAmounts(lines, percent === undefined ? undefined : coupon({ percent_off: percent }));
        for (const { subtotal, discount, tax, total, taxes } of amounts) {
          const onTop = taxes.filter((one) => !one.rate.inclusive).reduce((sum, one) => sum + one.amount, 0);
          expect(total).toBe(subtotal - discount + onTop);
          expect(taxes.reduce((sum, one) => sum + one.amount, 0)).toBe(tax);
          expect(Math.min(discount, tax, total)).toBeGreaterThanOrEqual(0);
        }
      }),
      { seed: 20261122 },
    );
  });
});
