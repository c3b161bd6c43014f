import { after } from '../../platform/clock.ts';

/** How closely things may follow each other, pure: letters to a customer, tries on a card. */

/**
 * The moment from which one more keeps within `most` in any `seconds`.
 * @param most 1 or more
 * @returns undefined when there is room already, however early
 */
export function roomFrom(moments: readonly Date[], most: number, seconds: number): Date | undefined {
  const nth = moments.toSorted((a, b) => b.getTime() - a.getTime())[most - 1];
  return nth && after(nth, seconds);
}

export function latestOf(first: Date, ...others: readonly (Date | undefined)[]): Date {
  return new Date(Math.max(...timesOf([first, ...others])));
}

export function earliestOf(first: Date, ...others: readonly (Date | undefined)[]): Date {
  return new Date(Math.min(...timesOf([first, ...others])));
}

function timesOf(moments: readonly (Date | undefined)[]): number[] {
  return moments.flatMap((each) => each?.getTime() ?? []);
}
