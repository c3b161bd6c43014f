import fc from 'fast-check';
import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import type { InvoiceLine } from '../../../src/billing/payments/document.ts';
import { invoiceLines } from '../../../src/billing/stripe-invoices/invoice-lines.ts';
import { propertyRun } from '../../support/property.ts';
import { checkoutSession, lineItem, payment, taxRate } from '../../support/stripe-objects.ts';

/** What Checkout writes for one position: the parts add up, as Stripe guarantees; rates may be told, or not. */
const position = fc
  .record({
    net: fc.nat(5_000_000),
    quantity: fc.integer({ min: 1, max: 50 }),
    discount: fc.nat(10_000),
    taxes: fc.array(fc.record({ amount: fc.nat(900_000), inclusive: fc.boolean(), percentage: fc.nat(100) }), {
      maxLength: 22,
    }),
    ratesTold: fc.boolean(),
    product: fc.boolean(),
  })
  .map(({ net, quantity, discount, taxes, ratesTold, product }) => {
    const exclusive = sum(taxes.map((tax) => (tax.inclusive ? 0 : tax.amount)));
    const inclusive = sum(taxes.map((tax) => (tax.inclusive ? tax.amount : 0)));
    const told = taxes.map((tax) => ({
      amount: tax.amount,
      rate: taxRate({ inclusive: tax.inclusive, percentage: tax.percentage }),
      taxability_reason: null,
      taxable_amount: net,
    }));
    return lineItem({
      quantity,
      amount_discount: discount,
      amount_subtotal: net + inclusive + discount,
      amount_tax: exclusive + inclusive,
      amount_total: net + inclusive + exclusive,
      taxes: ratesTold ? told : [],
      ...(product ? {} : { price: null }),
    });
  });

const purchase = fc.record({
  items: fc.array(position, { minLength: 1, maxLength: 12 }),
  shipping: fc.option(position),
  rounding: fc.integer({ min: -1, max: 1 }),
  currency: fc.constantFrom('eur', 'jpy', 'kwd', 'isk'),
});

test('the lines of any purchase come to what was received, exclusive taxes included', () => {
  fc.assert(
    fc.property(purchase, ({ items, shipping, rounding, currency }) => {
      const received = sum(items.map((item) => item.amount_total)) + (shipping?.amount_total ?? 0) + rounding;
      fc.pre(received > 0);
      const parts = invoiceLines(
        payment({
          intent: { amount_received: received, currency },
          session: checkoutSession({ currency, shipping_cost: shipping && costOf(shipping) }),
          lineItems: items,
        }),
      );
      if ('mismatch' in parts) throw new Error('these add up');
      expect(sum(parts.lines.map(totalOf))).toBe(received);
      for (const line of parts.lines) expectStripeTakes(line);
    }),
    propertyRun(300),
  );
});

test('more than the lines come to, by more than a rounding, is never invoiced where a tax is among them', () => {
  fc.assert(
    fc.property(purchase, fc.integer({ min: 14, max: 100_000 }), ({ items, currency }, off) => {
      fc.pre(items.some((item) => (item.amount_tax ?? 0) > 0));
      const found = sum(items.map((item) => item.amount_total));
      const parts = invoiceLines(
        payment({
          intent: { amount_received: found + off, currency },
          session: checkoutSession({ currency }),
          lineItems: items,
        }),
      );
      expect(parts).toEqual({ mismatch: { expected: found + off, found, currency } });
    }),
    propertyRun(100),
  );
});

/** Stripe's own sum over the lines of an invoice: amounts, or price times quantity, plus exclusive taxes. */
function totalOf({ amount, quantity, price_data, tax_amounts }: InvoiceLine): number {
  const taxes = Array.isArray(tax_amounts) ? tax_amounts : [];
  return (
    (amount ?? (price_data?.unit_amount ?? Number.NaN) * (quantity ?? Number.NaN)) +
    sum(taxes.map((tax) => (tax.tax_rate_data.inclusive ? 0 : tax.amount)))
  );
}

/** What Stripe documents of a line: integers, one of amount and price, at most 20 taxes, percentages of four decimals. */
function expectStripeTakes({ amount, price_data, tax_amounts }: InvoiceLine): void {
  const taxes = Array.isArray(tax_amounts) ? tax_amounts : [];
  expect(taxes.length).toBeLessThanOrEqual(20);
  expect((amount === undefined) !== (price_data === undefined)).toBe(true);
  for (const figure of [amount ?? price_data?.unit_amount, ...taxes.flatMap((t) => [t.amount, t.taxable_amount])]) {
    expect(figure).toSatisfy(Number.isSafeInteger);
  }
  for (const { tax_rate_data } of taxes) {
    expect(tax_rate_data.percentage).toBeGreaterThanOrEqual(0);
    expect(tax_rate_data.percentage).toBeLessThanOrEqual(100);
    expect(String(tax_rate_data.percentage)).toMatch(/^\d+(\.\d{1,4})?$/);
  }
}

function costOf({ amount_subtotal, amount_tax, amount_total, taxes = [] }: Stripe.LineItem) {
  return { amount_subtotal, amount_tax, amount_total, shipping_rate: null, taxes };
}

function sum(figures: readonly number[]): number {
  return figures.reduce((total, figure) => total + figure, 0);
}
