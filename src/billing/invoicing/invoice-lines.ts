import type Stripe from 'stripe';
import type { Payment } from '../../stripe/payment.ts';
import { productOf } from './eligibility.ts';

/**
 * The lines of the invoice, pure. They say what was bought, as Checkout recorded it: each amount is taken over, none is
 * computed anew, so the total is exact. Taxes are given as amounts, never as rates: Stripe then rounds nothing itself.
 */
export type InvoiceLine = Stripe.InvoiceAddLinesParams.Line;
type TaxAmount = Stripe.InvoiceAddLinesParams.Line.TaxAmount;

export type Lines =
  | { readonly lines: readonly InvoiceLine[] }
  /** The parts don't come to what was received: a person must look. */
  | { readonly mismatch: { readonly expected: number; readonly found: number; readonly currency: string } };

/** A line item can be off by a rounding of one minor unit; more than that is not rounding. */
const ROUNDING_PER_LINE = 1;
const MAX_TAXES_PER_LINE = 20;

export function invoiceLines(payment: Payment): Lines {
  const { intent, session, lineItems } = payment;
  const received = intent.amount_received;
  if (!session || lineItems.length === 0 || session.currency !== intent.currency) {
    return { lines: [{ description: descriptionOf(payment), amount: received }] };
  }

  const shipping = session.shipping_cost;
  const lines = lineItems.map((item) => lineOf(item, intent.currency));
  if (shipping && shipping.amount_total !== 0) lines.push(shippingLine(shipping));

  const found = lines.reduce((sum, line) => sum + totalOf(line), 0);
  const difference = received - found;
  if (difference === 0) return { lines };
  if (Math.abs(difference) <= lines.length * ROUNDING_PER_LINE) {
    return { lines: [...lines, { description: 'Rounding', amount: difference }] };
  }
  return { mismatch: { expected: received, found, currency: intent.currency } };
}

function descriptionOf({ intent }: Payment): string {
  return intent.description ?? 'Payment';
}

function lineOf(item: Stripe.LineItem, currency: string): InvoiceLine {
  const taxes = taxAmounts(item.taxes ?? [], item.amount_tax, item.amount_total);
  const net = item.amount_total - exclusive(taxes);
  const name = item.description ?? 'Item';
  const quantity = item.quantity ?? 1;
  const product = productOf(item);
  const tax = taxes.length > 0 ? { tax_amounts: taxes } : {};
  // Price times quantity can be shown where it is exactly the amount; else the quantity is said in words.
  if (quantity > 1 && product && net > 0 && net % quantity === 0 && item.amount_discount === 0) {
    return { description: name, quantity, price_data: { currency, product, unit_amount: net / quantity }, ...tax };
  }
  const times = quantity > 1 ? `${quantity} × ${name}` : name;
  return { description: item.amount_discount > 0 ? `${times} (after discount)` : times, amount: net, ...tax };
}

function shippingLine(shipping: Stripe.Checkout.Session.ShippingCost): InvoiceLine {
  const taxes = taxAmounts(shipping.taxes ?? [], shipping.amount_tax, shipping.amount_total);
  return {
    description: 'Shipping',
    amount: shipping.amount_total - exclusive(taxes),
    ...(taxes.length > 0 ? { tax_amounts: taxes } : {}),
  };
}

interface RatedTax {
  readonly amount: number;
  readonly rate: Stripe.TaxRate;
  readonly taxability_reason: string | null;
  readonly taxable_amount: number | null;
}

function taxAmounts(taxes: readonly RatedTax[], amountTax: number, amountTotal: number): TaxAmount[] {
  const rated = taxes.filter(({ amount }) => amount !== 0);
  const sum = rated.reduce((total, { amount }) => total + amount, 0);
  if (rated.length === 0 || rated.length > MAX_TAXES_PER_LINE || sum !== amountTax) {
    return amountTax === 0 ? [] : [unratedTax(amountTax, amountTotal)];
  }
  return rated.map(({ amount, rate, taxable_amount }) => ({
    amount,
    taxable_amount: taxable_amount ?? amountTotal - amountTax,
    tax_rate_data: {
      display_name: rate.display_name,
      percentage: percentage(rate.effective_percentage ?? rate.percentage),
      inclusive: rate.inclusive,
      ...(rate.country ? { country: rate.country } : {}),
      ...(rate.state ? { state: rate.state } : {}),
      ...(rate.jurisdiction ? { jurisdiction: rate.jurisdiction } : {}),
      ...(rate.tax_type ? { tax_type: rate.tax_type } : {}),
    },
  }));
}

/** Stripe charged a tax and did not say at which rate: the amount is kept, the rate is what it comes to. */
function unratedTax(amountTax: number, amountTotal: number): TaxAmount {
  const taxable = amountTotal - amountTax;
  return {
    amount: amountTax,
    taxable_amount: taxable,
    tax_rate_data: {
      display_name: 'Tax',
      percentage: percentage(taxable > 0 ? (amountTax / taxable) * 100 : 0),
      inclusive: true,
    },
  };
}

/** Stripe takes 0 to 100 with four decimals at most. */
function percentage(exact: number): number {
  return Math.min(Math.round(exact * 10_000) / 10_000, 100);
}

function exclusive(taxes: readonly TaxAmount[]): number {
  return taxes.reduce((sum, tax) => (tax.tax_rate_data.inclusive ? sum : sum + tax.amount), 0);
}

/** What a line adds to the invoice total, tax included. */
function totalOf(line: InvoiceLine): number {
  const net = line.amount ?? (line.price_data?.unit_amount ?? 0) * (line.quantity ?? 1);
  return net + exclusive(Array.isArray(line.tax_amounts) ? line.tax_amounts : []);
}
