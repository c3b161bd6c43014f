import { currencyOf } from './currencies.ts';

/**
 * Money: an integer in minor units with a lower-case ISO currency, as Stripe writes it. Amounts are never rescaled between
 * Stripe objects; the number of decimals only matters when a person reads one.
 */
export interface Money {
  /** Integer, minor units. */
  readonly amount: number;
  /** Lower case, e.g. `eur`. */
  readonly currency: string;
}

/** How many decimals Stripe's integer amounts have. ISK and UGX have no cents but are passed with two decimals (`00`). */
export function decimalsOf(currency: string): 0 | 2 | 3 {
  return currencyOf(currency)?.decimals ?? 2;
}

/** `{amount: 123456, currency: 'eur'}` → `EUR 1,234.56`. Exact: no float is involved, and a sum may be a bigint. */
export function formatMoney({
  amount,
  currency,
}: Pick<Money, 'currency'> & { readonly amount: number | bigint }): string {
  const decimals = decimalsOf(currency);
  const digits = String(amount)
    .replace('-', '')
    .padStart(decimals + 1, '0');
  const major = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const minor = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${currency.toUpperCase()} ${amount < 0 ? '-' : ''}${major}${minor}`;
}
