import { currencyOf } from './currencies.ts';
import { formatMoney, type Money } from './money.ts';

/** Why an amount can't be charged. Limits in minor units of its currency. */
export type ChargeProblem =
  | { readonly kind: 'unknown_currency' }
  | { readonly kind: 'too_small'; readonly smallest: number }
  | { readonly kind: 'too_large'; readonly largest: number }
  /** No multiple of `step`: 10.511 in KWD, 5.50 in ISK. */
  | { readonly kind: 'between_steps'; readonly step: number };

/** Whether Stripe charges this amount, as far as it says so beforehand. */
export function chargeProblem({ amount, currency }: Money): ChargeProblem | undefined {
  const rules = currencyOf(currency);
  if (!rules) return { kind: 'unknown_currency' };
  if (amount < rules.smallest) return { kind: 'too_small', smallest: rules.smallest };
  if (amount > rules.largest) return { kind: 'too_large', largest: rules.largest };
  if (amount % rules.step !== 0) return { kind: 'between_steps', step: rules.step };
  return undefined;
}

/** What Stripe would take instead, to be said after the amount: `Stripe charges at least EUR 0.50`. */
export function whatIsCharged(problem: ChargeProblem, currency: string): string {
  const money = (amount: number) => formatMoney({ amount, currency });
  switch (problem.kind) {
    case 'unknown_currency':
      return `Stripe does not charge ${currency.toUpperCase()}`;
    case 'too_small':
      return `Stripe charges at least ${money(problem.smallest)}`;
    case 'too_large':
      return `Stripe charges at most ${money(problem.largest)} at once`;
    case 'between_steps':
      return `Stripe charges only multiples of ${money(problem.step)}`;
  }
}
