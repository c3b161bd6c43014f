/**
 * What an own invoice comes to, pure. All amounts in minor units. Tax is computed per line and rounded half up per line;
 * optional lines count when they are ticked. The browser is never asked what anything costs.
 */
export interface PricedLine {
  readonly id: number;
  readonly quantity: number;
  /** Minor units; negative for a reduction. */
  readonly unit_amount: number;
  /** 0 to 100, at most 4 decimals, as text: `"8.1"`. Null: no tax is told; `"0"` tells one of 0 %. */
  readonly tax_percent: string | null;
  readonly optional: boolean;
}

export interface LineAmounts {
  readonly net: number;
  readonly tax: number;
  readonly gross: number;
}

export interface InvoiceAmounts extends LineAmounts {
  readonly lines: ReadonlyMap<number, LineAmounts>;
  /** Tax by rate, rates in ascending order, that of 0 % among them. */
  readonly taxes: readonly { readonly percent: string; readonly taxable: number; readonly tax: number }[];
}

/** @param ticked ids of the optional lines that count */
export function amountsOf(
  lines: readonly PricedLine[],
  pricesIncludeTax: boolean,
  ticked: readonly number[],
): InvoiceAmounts {
  const counted = lines.filter((line) => !line.optional || ticked.includes(line.id));
  const amounts = new Map(counted.map((line) => [line.id, amountsOfLine(line, pricesIncludeTax)]));
  const byRate = Map.groupBy(counted, (line) => line.tax_percent);
  const taxes = [...byRate]
    .sort(([a], [b]) => Number(a) - Number(b))
    .flatMap(([percent, group]) => {
      const sums = sumOf(group.map((line) => amountsOfLine(line, pricesIncludeTax)));
      return percent === null ? [] : [{ percent, taxable: sums.net, tax: sums.tax }];
    });
  return { ...sumOf([...amounts.values()]), lines: amounts, taxes };
}

export function amountsOfLine(line: PricedLine, pricesIncludeTax: boolean): LineAmounts {
  const price = line.quantity * line.unit_amount;
  const rate = millionths(line.tax_percent);
  if (pricesIncludeTax) {
    const tax = roundedShare(price, rate, 1_000_000 + rate);
    return { net: price - tax, tax, gross: price };
  }
  const tax = roundedShare(price, rate, 1_000_000);
  return { net: price, tax, gross: price + tax };
}

/** `"8.1"` percent → 81000 millionths. With four decimals at most the rounding takes away what a float adds, and no more. Null is 0. */
function millionths(percent: string | null): number {
  return Math.round(Number(percent) * 10_000);
}

/** amount × part ÷ whole, half away from zero. */
function roundedShare(amount: number, part: number, whole: number): number {
  const product = BigInt(Math.abs(amount)) * BigInt(part);
  const rounded = Number((product * 2n + BigInt(whole)) / (BigInt(whole) * 2n));
  return amount < 0 ? -rounded : rounded;
}

function sumOf(amounts: readonly LineAmounts[]): LineAmounts {
  return amounts.reduce(
    (sum, { net, tax, gross }) => ({ net: sum.net + net, tax: sum.tax + tax, gross: sum.gross + gross }),
    { net: 0, tax: 0, gross: 0 },
  );
}
