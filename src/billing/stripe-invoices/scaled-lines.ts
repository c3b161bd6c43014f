import { apportion } from '../../platform/apportion.ts';
import type { InvoiceLine } from '../payments/document.ts';

/**
 * Lines of which less was charged than was agreed on, such as a Checkout payment that is captured in part. Pure. What was
 * charged goes to the net amount and to each tax of every rate in proportion, by largest remainder, and then to the lines of
 * the rate in the same way: the net amounts and taxes come to what was charged to the unit, and no line or tax to more than
 * it was.
 */
type TaxAmount = Extract<InvoiceLine['tax_amounts'], readonly unknown[]>[number];

interface Position {
  readonly description: string;
  /** Minor units, without any tax. */
  readonly net: number;
  readonly taxes: readonly TaxAmount[];
}

/** The net amount and the taxes of all lines that are taxed alike. */
interface Rate {
  readonly positions: readonly Position[];
  /** Minor units: the net amount first, then each tax. */
  readonly sums: readonly number[];
}

/**
 * @param charged minor units, above zero and less than the lines come to
 * @returns undefined where only a part of a line is taxed: what of the charged amount that is, nobody can say
 */
export function scaledLines(lines: readonly InvoiceLine[], charged: number): InvoiceLine[] | undefined {
  const positions = lines.map(positionOf);
  if (!positions.every(isTaxedAsAWhole)) return undefined;

  const rates = [...Map.groupBy(positions, rateKey).values()].map(rateOf);
  const scaled = apportion(
    charged,
    rates.flatMap(({ sums }) => sums),
  );
  const parts = new Map<Position, InvoiceLine>();
  let first = 0;
  for (const { positions: alike, sums } of rates) {
    const shares = scaled.slice(first, first + sums.length);
    first += sums.length;
    const split = columns(alike).map((column, at) => apportion(shares[at] ?? 0, column));
    for (const [row, position] of alike.entries()) {
      const [net = 0, ...taxes] = split.map((column) => column[row] ?? 0);
      parts.set(position, lineOf(position, net, taxes));
    }
  }
  return positions.flatMap((position) => parts.get(position) ?? []);
}

export function taxesOf({ tax_amounts: taxes }: InvoiceLine): readonly TaxAmount[] {
  return Array.isArray(taxes) ? taxes : [];
}

function positionOf(line: InvoiceLine): Position {
  const taxes = taxesOf(line);
  const { description = '', quantity, price_data: price } = line;
  const amount = price ? (price.unit_amount ?? 0) * (quantity ?? 1) : (line.amount ?? 0);
  return {
    description: price && quantity ? `${quantity} × ${description}` : description,
    net: amount - sumOf(taxes.map((tax) => (tax.tax_rate_data.inclusive ? tax.amount : 0))),
    taxes,
  };
}

function isTaxedAsAWhole({ net, taxes }: Position): boolean {
  return taxes.every(({ taxable_amount }) => taxable_amount === net);
}

/** Everything that is said of the taxes but their amounts. */
function rateKey({ taxes }: Position): string {
  return JSON.stringify(taxes.map(({ tax_rate_data, taxability_reason }) => [tax_rate_data, taxability_reason]));
}

function rateOf(positions: readonly Position[]): Rate {
  return { positions, sums: columns(positions).map(sumOf) };
}

/** The net amounts of the positions, and their amounts of each tax. */
function columns(positions: readonly Position[]): number[][] {
  const nets = positions.map(({ net }) => net);
  const taxes = positions[0]?.taxes ?? [];
  return [nets, ...taxes.map((_, at) => positions.map((position) => position.taxes[at]?.amount ?? 0))];
}

function lineOf({ description, taxes }: Position, net: number, amounts: readonly number[]): InvoiceLine {
  const scaled = taxes.map((tax, at) => ({ ...tax, amount: amounts[at] ?? 0, taxable_amount: net }));
  const inclusive = sumOf(scaled.map((tax) => (tax.tax_rate_data.inclusive ? tax.amount : 0)));
  return {
    description: `${description} (in part)`,
    amount: net + inclusive,
    ...(scaled.length > 0 ? { tax_amounts: scaled } : {}),
  };
}

function sumOf(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}
