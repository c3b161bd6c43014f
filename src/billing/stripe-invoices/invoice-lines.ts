import type Stripe from 'stripe';
import type { Payment } from '../../stripe/payment.ts';
import type { InvoiceLine } from '../payments/document.ts';
import { productOf } from '../payments/eligibility.ts';
import { scaledLines, taxesOf } from './scaled-lines.ts';

/**
 * The lines of the invoice, pure. They say what was bought, as Checkout recorded it: each amount is taken over, none is
 * computed anew, so the total is exact. Taxes are given as amounts, never as rates: Stripe then rounds nothing itself.
 * Where something else was charged than Checkout agreed on (captured in part, over-captured, a tip), lines without tax give
 * way to one line, and of lines with tax a part is scaled; more than they come to is for a person: is it taxed, and how?
 */
type TaxAmount = Stripe.InvoiceAddLinesParams.Line.TaxAmount;

export type Lines =
  | { readonly lines: readonly InvoiceLine[] }
  /** The parts don't come to what was received, and a tax is among them: a person must look. */
  | { readonly mismatch: { readonly expected: number; readonly found: number; readonly currency: string } };

const MAX_TAXES_PER_LINE = 20;

/** @param asOne a person wants them in one line without tax */
export function invoiceLines(payment: Payment, asOne = false): Lines {
  const { intent, session, lineItems } = payment;
  const received = intent.amount_received;
  if (!session || lineItems.length === 0 || session.currency !== intent.currency) {
    return { lines: [{ description: descriptionOf(payment), amount: received }] };
  }

  const shipping = session.shipping_cost;
  const exempt = session.customer_details?.tax_exempt ?? null;
  const lines = lineItems.map((item) => lineOf(item, intent.currency, exempt));
  if (shipping && shipping.amount_total !== 0) lines.push(shippingLine(shipping, exempt));

  const found = lineItems.reduce((sum, item) => sum + item.amount_total, shipping?.amount_total ?? 0);
  const difference = received - found;
  if (asOne) return { lines: [inOneLine(lines, payment, found)] };
  if (difference === 0) return { lines };
  // A line can be off by a rounding of one minor unit; more than that is not rounding.
  if (Math.abs(difference) <= lines.length) {
    return { lines: [...lines, { description: 'Rounding', amount: difference }] };
  }
  if (lines.every((line) => taxesOf(line).length === 0)) return { lines: [inOneLine(lines, payment, found)] };
  const scaled = difference < 0 ? scaledLines(lines, received) : undefined;
  return scaled ? { lines: scaled } : { mismatch: { expected: received, found, currency: intent.currency } };
}

/** What was bought, and nothing of its parts: one line without tax over what was received. */
function inOneLine(lines: readonly InvoiceLine[], { intent }: Payment, agreed: number): InvoiceLine {
  const names = [...new Set(lines.flatMap(({ description }) => description ?? []))].join(', ');
  return {
    description: intent.amount_received < agreed ? `${names} (in part)` : names,
    amount: intent.amount_received,
  };
}

function descriptionOf({ intent }: Payment): string {
  return intent.description ?? 'Payment';
}

function lineOf(item: Stripe.LineItem, currency: string, exempt: Exemption): InvoiceLine {
  const taxes = taxAmounts(item.taxes, item, exempt);
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

function shippingLine(shipping: Stripe.Checkout.Session.ShippingCost, exempt: Exemption): InvoiceLine {
  const taxes = taxAmounts(shipping.taxes, shipping, exempt);
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

type Exemption = Stripe.Checkout.Session.CustomerDetails['tax_exempt'];

function taxAmounts(
  taxes: readonly RatedTax[] = [],
  { amount_tax: amountTax, amount_total: amountTotal }: { amount_tax: number; amount_total: number },
  exempt: Exemption,
): TaxAmount[] {
  // A tax of 0 % is told like any other; only where a line can't hold all of them, those that took something must do.
  const rated = taxes.length > MAX_TAXES_PER_LINE ? taxes.filter(({ amount }) => amount !== 0) : taxes;
  const sum = rated.reduce((total, { amount }) => total + amount, 0);
  if (rated.length > MAX_TAXES_PER_LINE || sum !== amountTax) {
    return amountTax === 0 ? [] : [unratedTax(amountTax, amountTotal)];
  }
  return rated.map(({ amount, rate, taxable_amount, taxability_reason: reason }) => ({
    amount,
    taxable_amount: taxable_amount ?? amountTotal - amountTax,
    tax_rate_data: {
      display_name: rate.display_name || 'Tax',
      percentage: percentage(rate.effective_percentage ?? rate.percentage),
      inclusive: rate.inclusive,
      ...(rate.country ? { country: rate.country } : {}),
      ...(rate.state ? { state: rate.state } : {}),
      ...(rate.jurisdiction ? { jurisdiction: rate.jurisdiction } : {}),
      ...(rate.tax_type ? { tax_type: rate.tax_type } : {}),
    },
    ...reasonOf(reason, rate, exempt),
  }));
}

/** Why so much is taxed, as Stripe says it; a rate of 0 % that somebody chose by hand comes without a reason. */
function reasonOf(
  told: string | null,
  { effective_percentage, percentage }: Stripe.TaxRate,
  exempt: Exemption,
): Pick<TaxAmount, 'taxability_reason'> {
  if (told) return { taxability_reason: told };
  if ((effective_percentage ?? percentage) !== 0) return {};
  switch (exempt) {
    case 'reverse':
      return { taxability_reason: 'reverse_charge' };
    case 'exempt':
      return { taxability_reason: 'customer_exempt' };
    default:
      return { taxability_reason: 'zero_rated' };
  }
}

/** Stripe charged a tax and did not say at which rate: the amount is kept, the rate is what it comes to. */
function unratedTax(amountTax: number, amountTotal: number): TaxAmount {
  const taxable = amountTotal - amountTax;
  return {
    amount: amountTax,
    taxable_amount: taxable,
    tax_rate_data: {
      display_name: 'Tax',
      percentage: percentage((amountTax / taxable) * 100),
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
