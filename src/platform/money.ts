/**
 * Money: an integer in minor units with a lower-case ISO currency, as Stripe writes it. Amounts are never rescaled between
 * Stripe objects; the number of decimals only matters when a person reads one.
 * Source: Stripe documentation, "Supported currencies" (zero-decimal, three-decimal and special cases).
 */
export interface Money {
  /** Integer, minor units. */
  readonly amount: number;
  /** Lower case, e.g. `eur`. */
  readonly currency: string;
}

const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
const THREE_DECIMAL = new Set('bhd jod kwd omr tnd'.split(' '));

/** How many decimals Stripe's integer amounts have. ISK and UGX have no cents but are passed with two decimals (`00`). */
export function decimalsOf(currency: string): 0 | 2 | 3 {
  const code = currency.toLowerCase();
  if (ZERO_DECIMAL.has(code)) return 0;
  return THREE_DECIMAL.has(code) ? 3 : 2;
}

/** `{amount: 123456, currency: 'eur'}` → `EUR 1,234.56`. Exact: no float is involved. */
export function formatMoney({ amount, currency }: Money): string {
  const decimals = decimalsOf(currency);
  const digits = String(Math.abs(amount)).padStart(decimals + 1, '0');
  const major = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const minor = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${currency.toUpperCase()} ${amount < 0 ? '-' : ''}${major}${minor}`;
}
