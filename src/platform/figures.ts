import { minuteIn, zoneNameAt } from './business-day.ts';
import { formatMoney, type Money } from './money.ts';

/** How amounts and times are written on pages and in mails. Days and times are those of the business. */

/** An amount where the currency is named already, e.g. in a column of them: `1,234.56`. */
export function figure(money: Money): string {
  return formatMoney(money).slice(money.currency.length + 1);
}

/** `8.1` → `8.1 %` */
export function percent(rate: string): string {
  return `${rate}\u00a0%`;
}

const LONG_DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `2026-12-31` → `31 December 2026`. Which day a moment is on says the time zone of the business. */
export function longDay(day: string): string {
  return LONG_DAY.format(new Date(`${day}T00:00:00Z`));
}

/** `2026-12-31 09:05 CET` */
export function minuteWithZone(moment: Date, timeZone: string): string {
  return `${minuteIn(timeZone, moment)} ${zoneNameAt(timeZone, moment)}`;
}
