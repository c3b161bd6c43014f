import { formatMoney, type Money } from '../platform/money.ts';

/** How amounts and times are written on pages and in mails. Days and times are UTC. */

/** An amount where the currency is named already, e.g. in a column of them: `1,234.56`. */
export function figure(money: Money): string {
  return formatMoney(money).slice(money.currency.length + 1);
}

/** `8.1` → `8.1 %` */
export function percent(rate: string): string {
  return `${rate}\u00a0%`;
}

const LONG_DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** `2026-12-31`, or the day of a moment → `31 December 2026` */
export function longDay(day: string | Date): string {
  return LONG_DAY.format(typeof day === 'string' ? new Date(`${day}T00:00:00Z`) : day);
}

/** `2026-12-31 09:05` */
export function minute(moment: Date): string {
  return moment.toISOString().slice(0, 16).replace('T', ' ');
}

/** The day of a moment, `2026-12-31`. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}
