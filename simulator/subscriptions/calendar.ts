import type { ObjectTypes } from '../core/objects.ts';

/** How often something comes round. */
export type Recurring = Pick<NonNullable<ObjectTypes['price']['recurring']>, 'interval' | 'interval_count'>;

const DAY = 86_400;
const seconds: Readonly<Record<string, number>> = { day: DAY, week: 7 * DAY };

/** So many intervals after the anchor. A month that is too short ends earlier, and the next one is whole again. */
function boundary(anchor: number, { interval, interval_count: count }: Recurring, times: number): number {
  const fixed = seconds[interval];
  if (fixed !== undefined) return anchor + times * count * fixed;
  const from = new Date(anchor * 1000);
  const months = from.getUTCMonth() + times * count * (interval === 'year' ? 12 : 1);
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), months + 1, 0)).getUTCDate();
  const day = Math.min(from.getUTCDate(), lastDay);
  return Date.UTC(from.getUTCFullYear(), months, day) / 1000 + (anchor % DAY);
}

/**
 * The end of the period that begins at `start`: the first boundary after it, counted from the anchor, so that the 31st comes
 * back after February. Seconds, UTC. Source: https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
export function periodEnd(anchor: number, recurring: Recurring, start: number): number {
  return boundary(anchor, recurring, boundariesUntil(anchor, recurring, start));
}

/** The whole period that a moment lies in. */
export function periodAround(anchor: number, recurring: Recurring, at: number): { start: number; end: number } {
  const times = boundariesUntil(anchor, recurring, at);
  return { start: boundary(anchor, recurring, times - 1), end: boundary(anchor, recurring, times) };
}

/** How many intervals after the anchor the first boundary lies that comes after a moment. */
function boundariesUntil(anchor: number, recurring: Recurring, start: number): number {
  // An estimate, put right by steps: months differ in length, and what is too short by a day is a month too far in some years.
  const length = boundary(anchor, recurring, 1) - anchor;
  let times = Math.floor((start - anchor) / length);
  while (boundary(anchor, recurring, times) <= start) times++;
  while (boundary(anchor, recurring, times - 1) > start) times--;
  return times;
}
