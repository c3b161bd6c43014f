import { apportion } from '../../platform/apportion.ts';
import type { InvoiceLine } from '../payments/document.ts';
import { amountsOfInvoice, type OwnInvoice } from './invoices.ts';

/**
 * The lines of the Stripe invoice that documents an own invoice, pure. Stripe takes no negative tax, and credit notes can't
 * follow negative lines: a reduction is spread over the lines of its tax rate, so that the base and the tax of each rate, and
 * the total, are what the own invoice says. A reduction without tax, such as a voucher, is spread over the lines without tax,
 * and what they can't bear over the others, whose taxable amount stays.
 */
export function linesOfOwnInvoice(invoice: OwnInvoice): InvoiceLine[] {
  const amounts = amountsOfInvoice(invoice);
  const parts = invoice.lines.flatMap((line) => {
    const part = amounts.lines.get(line.id);
    const description = line.quantity > 1 ? `${line.quantity} × ${line.description}` : line.description;
    return part ? [{ description, rate: line.tax_percent, net: part.net, tax: part.tax }] : [];
  });
  // A reduction at a rate at which no more than it is charged: its negative base and tax can't be told there.
  return spreadReductions(parts) ?? [{ description: `Invoice ${invoice.number}`, amount: amounts.gross }];
}

export interface DocumentedPart {
  readonly description: string;
  /** Percent as text; null: no tax is told. */
  readonly rate: string | null;
  /** Minor units; negative for a reduction. */
  readonly net: number;
  readonly tax: number;
}

interface Spread {
  readonly part: DocumentedPart;
  /** What is taxed of it, minor units. */
  readonly taxable: number;
  readonly tax: number;
  readonly reductions: readonly string[];
}

/** @returns undefined where a rate, or the whole, would come to less than nothing */
export function spreadReductions(parts: readonly DocumentedPart[]): InvoiceLine[] | undefined {
  const byRate = Map.groupBy(parts, ({ rate }) => rate);
  const spread = new Map<DocumentedPart, Spread>();
  for (const [rate, group] of byRate) {
    const within = spreadWithin(group, rate);
    if (!within) return undefined;
    for (const each of within) spread.set(each.part, each);
  }
  const lines = parts.flatMap((part) => spread.get(part) ?? []);
  const untaxed = byRate.get(null) ?? [];
  const missing = Math.max(0, -sumOf(untaxed.map(({ net }) => net)));
  const bearable = lines.map(({ taxable }) => taxable);
  if (missing > sumOf(bearable)) return undefined;
  const taken = apportion(missing, bearable);
  const vouchers = namesOf(untaxed.filter(isReduction));
  return lines.map((line, position) => lineOf(line, taken[position] ?? 0, vouchers));
}

/** The lines of one rate. What reductions without tax leave below nothing is not taken here. */
function spreadWithin(group: readonly DocumentedPart[], rate: string | null): Spread[] | undefined {
  const charged = group.filter((part) => !isReduction(part));
  const reductions = namesOf(group.filter(isReduction));
  const [net, tax] = [sumOf(group.map((part) => part.net)), sumOf(group.map((part) => part.tax))];
  if (rate !== null && (net < 0 || tax < 0)) return undefined;
  const nets = charged.map((part) => part.net);
  const taxable = apportion(Math.max(0, net), nets);
  const weights = [taxable, nets, charged.map((part) => part.tax)].find((each) => sumOf(each) > 0) ?? taxable;
  const taxes = reductions.length > 0 ? apportion(tax, weights) : charged.map((part) => part.tax);
  return charged.map((part, position) => ({
    part,
    taxable: taxable[position] ?? 0,
    tax: taxes[position] ?? 0,
    reductions,
  }));
}

function lineOf({ part, taxable, tax, reductions }: Spread, taken: number, vouchers: readonly string[]): InvoiceLine {
  const { description, rate } = part;
  const names = [...reductions, ...(taken > 0 ? vouchers.filter((name) => !reductions.includes(name)) : [])];
  const percentage = Number(rate);
  return {
    description: names.length > 0 ? `${description} (after ${names.join(', ')})` : description,
    amount: taxable - taken,
    ...(rate === null
      ? {}
      : {
          tax_amounts: [
            {
              amount: tax,
              taxable_amount: taxable,
              tax_rate_data: { display_name: 'Tax', percentage, inclusive: false },
              ...(percentage === 0 ? { taxability_reason: 'zero_rated' } : {}),
            },
          ],
        }),
  };
}

function isReduction({ net, tax }: DocumentedPart): boolean {
  return net < 0 || tax < 0;
}

function namesOf(parts: readonly DocumentedPart[]): string[] {
  return [...new Set(parts.map(({ description }) => description))];
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
