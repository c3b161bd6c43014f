import fc from 'fast-check';
import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { type NoteLine, type NoteSplit, splitNote } from '../../../src/billing/adjustments/note-split.ts';
import { apportion } from '../../../src/platform/apportion.ts';
import { propertyRun } from '../../support/property.ts';
import { invoiceLine, tax } from './stripe-adjustments.ts';

const weights = fc.array(fc.nat(99_999_999), { minLength: 1, maxLength: 30 });

test('parts are whole, sum to the amount exactly and exceed no weight', () => {
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (given, part) => {
      const amount = Math.floor(sum(given) * part);
      const parts = apportion(amount, given);
      expect(sum(parts)).toBe(amount);
      for (const [position, weight] of given.entries()) {
        expect(Number.isInteger(parts[position])).toBe(true);
        expect(parts[position]).toBeGreaterThanOrEqual(0);
        expect(parts[position]).toBeLessThanOrEqual(weight);
      }
    }),
    propertyRun(500),
  );
});

/** A line with up to three taxes, each told as an amount. */
const line = fc
  .record({
    amount: fc.nat(2_000_000),
    taxes: fc.array(fc.record({ percent: fc.nat(27), inclusive: fc.boolean() }), { maxLength: 3 }),
  })
  .map(({ amount, taxes }) => ({
    amount,
    taxes: taxes.map(({ percent, inclusive }, number) =>
      tax({
        amount: Math.round((amount * percent) / (inclusive ? 100 + percent : 100)),
        tax_behavior: inclusive ? 'inclusive' : 'exclusive',
        tax_rate_details: { tax_rate: `txr_${number}` },
        taxable_amount: amount,
      }),
    ),
  }));
const lines = fc
  .array(line, { minLength: 1, maxLength: 12 })
  .map((all) => all.map((each, number) => invoiceLine({ id: `il_${number}`, ...each })));
/** How much of what is left each note takes; the last one takes all of it. */
const takes = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

test('notes one after the other: each is exact, none takes more than is left, and together they are the invoice', () => {
  fc.assert(
    fc.property(lines, takes, (invoiceLines, parts) => {
      const total = sum(invoiceLines.map(gross));
      fc.pre(total > 0);
      const notes: NoteSplit[] = [];
      for (const part of [...parts, 1]) {
        const left = total - sum(notes.flatMap(({ shares }) => Object.values(shares)));
        const amount = part === 1 ? left : Math.floor(left * part);
        if (amount === 0) continue;
        const split = splitNote(
          amount,
          invoiceLines,
          notes.map(({ shares }) => shares),
        );
        if (!split) throw new Error('a split is always possible here');
        notes.push(split);
        expect(sum(Object.values(split.shares))).toBe(amount);
        expect(sum(split.lines.map((each) => worth(each, invoiceLines)))).toBe(amount);
        for (const each of invoiceLines) expect(creditedOf(notes, each)).toBeLessThanOrEqual(gross(each));
      }
      for (const each of invoiceLines) expectCleared(each, notes);
    }),
    propertyRun(300),
  );
});

/** After the last note every line is credited whole: its amount, each of its taxes, each taxable amount. */
function expectCleared(line: Stripe.InvoiceLineItem, notes: readonly NoteSplit[]): void {
  const its = notes.flatMap(({ lines: all }) => all.filter((each) => each.invoice_line_item === line.id));
  if (gross(line) === 0) return void expect(its).toEqual([]);
  expect(sum(its.map(({ amount }) => amount ?? 0))).toBe(line.amount);
  for (const [position, { amount, taxable_amount }] of (line.taxes ?? []).entries()) {
    const parts = its.map(({ tax_amounts: taxes }) => (Array.isArray(taxes) ? taxes[position] : undefined));
    expect(sum(parts.map((part) => part?.amount ?? 0))).toBe(amount);
    expect(sum(parts.map((part) => part?.taxable_amount ?? 0))).toBe(taxable_amount);
  }
}

function creditedOf(notes: readonly NoteSplit[], { id }: Stripe.InvoiceLineItem): number {
  return sum(notes.map(({ shares }) => shares[id] ?? 0));
}

/** What a line of a note takes off the total. */
function worth(
  { amount = 0, invoice_line_item: id, tax_amounts: taxes }: NoteLine,
  all: readonly Stripe.InvoiceLineItem[],
) {
  const behaviours = all.find((each) => each.id === id)?.taxes ?? [];
  const given = Array.isArray(taxes) ? taxes : [];
  return (
    amount + sum(given.map((each, position) => (behaviours[position]?.tax_behavior === 'exclusive' ? each.amount : 0)))
  );
}

function gross({ amount, taxes }: Stripe.InvoiceLineItem): number {
  return amount + sum((taxes ?? []).map((each) => (each.tax_behavior === 'exclusive' ? each.amount : 0)));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
