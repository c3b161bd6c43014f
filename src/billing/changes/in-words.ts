import { minuteIn, zoneNameAt } from '../../platform/business-day.ts';
import { bug } from '../../platform/errors.ts';
import { formatMoney } from '../../platform/money.ts';
import type { ChangeRow } from './changes.ts';
import type { ItemChange, Preview, Terms } from './preview.ts';

/** A change as people read it, pure: the same in the console and on the command line. */

/** Three numbers, since none of them says what the others do: what is due, what it comes to, and what the balance does. */
export function costsInWords(seen: Preview, timeZone: string): string[] {
  const money = (amount: number) => formatMoney({ amount, currency: seen.currency });
  const { dueNow, total, balanceUsed, renewal } = seen;
  return [
    `Due now: ${money(dueNow)}`,
    total < 0 ? `Total: ${money(total)}, a credit to the customer’s balance` : `Total: ${money(total)}`,
    ...(balanceUsed === 0 ? [] : [balanceInWords(balanceUsed, money)]),
    ...(renewal === null ? [] : [`The next period: ${money(renewal.total)}`]),
    `It takes effect ${effectInWords(seen, timeZone)}.`,
  ];
}

function balanceInWords(used: number, money: (amount: number) => string): string {
  return used > 0
    ? `Of that the customer’s balance pays: ${money(used)}`
    : `The customer’s balance adds: ${money(-used)}`;
}

function effectInWords({ takesEffect, takesEffectAt }: Preview, timeZone: string): string {
  switch (takesEffect) {
    case 'at_once':
      return 'at once';
    case 'when_paid':
      return 'when what is due is paid';
    case 'period_end':
      return takesEffectAt === null
        ? 'with the next period'
        : `with the next period, ${minuteIn(timeZone, takesEffectAt)} ${zoneNameAt(timeZone, takesEffectAt)}`;
  }
}

/** `1 × basic (price_…) → 1 × pro (price_…)` */
export function itemInWords({ before, after }: ItemChange): string {
  if (before === null) return `new: ${after === null ? 'nothing' : termsInWords(after)}`;
  return `${termsInWords(before)} → ${after === null ? 'removed' : termsInWords(after)}`;
}

function termsInWords({ plan, price, quantity }: Terms): string {
  return `${quantity === null ? '' : `${quantity} × `}${plan === null ? price : `${plan} (${price})`}`;
}

export function outcomeInWords(change: ChangeRow): string {
  const { outcome, subscription, currency, charged_due: due, invoice, pay_url: url } = change;
  switch (outcome) {
    case 'applied':
      return `${subscription} is changed; ${formatMoney({ amount: due ?? 0, currency })} was charged.`;
    case 'waiting':
      return `The change waits for the payment of ${invoice ?? 'its invoice'}${url === null ? '' : `: ${url}`}`;
    case 'scheduled':
      return `${subscription} changes with its next period.`;
    case null:
      return bug(`change ${change.id} has come to nothing`);
  }
}
