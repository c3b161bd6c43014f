import { whatIsCharged } from '../../platform/charges.ts';
import { type Currency, currencyOf } from '../../platform/currencies.ts';
import { formatMoney } from '../../platform/money.ts';
import { amountsOfLine, type PricedLine } from './invoice-total.ts';

/**
 * Whether what an invoice comes to can be paid, pure: asked of a draft, and once more before it gets its number. A total is
 * the sum of its lines' gross amounts, so of all 2ⁿ selections of extras only their ends and their parts need a look.
 */
export interface TotalProblem {
  /** e.g. `['lines', 0, 'unit_amount']` */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Of a draft's lines, in their order. Too small is only what no selection of extras makes large enough. */
export function totalProblems(
  lines: readonly Omit<PricedLine, 'id'>[],
  pricesIncludeTax: boolean,
  currency: string,
): TotalProblem[] {
  const rules = currencyOf(currency);
  if (!rules) {
    const message = `must be a currency that Stripe charges, which ${currency.toUpperCase()} is not`;
    return [{ path: ['currency'], message }];
  }
  const ask: Asking = { rules, currency };
  // Sums are exact only where each part is in bounds.
  const outOfBounds = lines.flatMap((line, row) => boundsOfLine(line, row, ask));
  if (outOfBounds.length > 0) return outOfBounds;

  const gross = lines.map((line, row) => ({
    row,
    optional: line.optional,
    amount: amountsOfLine({ ...line, id: row }, pricesIncludeTax).gross,
  }));
  const extras = gross.filter(({ optional }) => optional);
  const least = sumOf(gross.filter(({ optional }) => !optional));
  const most = least + sumOf(extras.filter(({ amount }) => amount > 0));
  return [
    ...boundsOfTotal(least, most, extras.length > 0, ask),
    ...betweenSteps(['lines'], least, extras.length > 0 ? 'come without extras to' : 'come to', ask),
    ...extras.flatMap(({ row, amount }) => betweenSteps(['lines', row, 'unit_amount'], amount, 'comes to', ask)),
  ];
}

interface Asking {
  readonly rules: Currency;
  readonly currency: string;
}

function boundsOfLine(
  { quantity, unit_amount }: Omit<PricedLine, 'id'>,
  row: number,
  { rules: { largest }, currency }: Asking,
): TotalProblem[] {
  const most = formatMoney({ amount: largest, currency });
  if (Math.abs(unit_amount) > largest) {
    const message =
      unit_amount > 0
        ? `is more than Stripe takes in one payment (${most})`
        : `is too small: Stripe takes ${most} in one payment`;
    return [{ path: ['lines', row, 'unit_amount'], message }];
  }
  if (quantity * Math.abs(unit_amount) <= largest) return [];
  const message = `come to more than Stripe takes in one payment (${most}): line ${row + 1} alone does`;
  return [{ path: ['lines'], message }];
}

function boundsOfTotal(
  least: number,
  most: number,
  hasExtras: boolean,
  { rules: { smallest, largest }, currency }: Asking,
): TotalProblem[] {
  const money = (amount: number) => formatMoney({ amount, currency });
  const lines = (message: string) => [{ path: ['lines'], message }];
  if (most <= 0) return lines('must come to more than zero');
  if (least < 0) return lines(`must not come to less than zero without extras (${money(least)})`);
  if (most < smallest) {
    const all = hasExtras ? ' with all extras' : '';
    return lines(`come to ${money(most)}${all}: ${whatIsCharged({ kind: 'too_small', smallest }, currency)}`);
  }
  if (most <= largest) return [];
  const all = hasExtras ? ' with all extras' : '';
  return lines(`come to ${money(most)}${all}, more than Stripe takes in one payment (${money(largest)})`);
}

function betweenSteps(
  path: TotalProblem['path'],
  amount: number,
  verb: string,
  { rules: { step }, currency }: Asking,
): TotalProblem[] {
  if (amount % step === 0) return [];
  const charged = whatIsCharged({ kind: 'between_steps', step }, currency);
  return [{ path, message: `${verb} ${formatMoney({ amount, currency })} with tax: ${charged}` }];
}

function sumOf(amounts: readonly { readonly amount: number }[]): number {
  return amounts.reduce((sum, { amount }) => sum + amount, 0);
}
