import { isTimeZone, minuteIn } from '../../platform/business-day.ts';

/** Hours in which nobody is written to, and hours in which a card is not tried, pure. Moments only move forward. */
export interface DailyWindow {
  /** `20:00`, included. */
  readonly from: string;
  /** `08:00`, not included; before `from` when the window goes over midnight. */
  readonly to: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** Clocks are changed at a quarter of an hour of UTC, in every zone. */
const QUARTER_MS = 15 * MINUTE_MS;

/** @param wanted the customer's, as somebody has typed it; the account's stands in where it is none */
export function zoneOr(wanted: string | null | undefined, account: string): string {
  return wanted && isTimeZone(wanted) ? wanted : account;
}

/**
 * The first moment, the given one or a later, whose local time is outside of the window. An hour that clocks leave out is
 * left at its end; one that they repeat is quiet both times.
 * @param timeZone of the IANA database
 */
export function nextAllowed(moment: Date, quiet: DailyWindow | null, timeZone: string): Date {
  if (!quiet) return moment;
  let allowed = moment;
  for (let left = minutesLeft(allowed, quiet, timeZone); left > 0; left = minutesLeft(allowed, quiet, timeZone)) {
    const now = allowed.getTime();
    const end = Math.floor(now / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS;
    // Not further than the clock keeps its pace: behind the next quarter it may be another time than counted.
    const quarter = (Math.floor(now / QUARTER_MS) + 1) * QUARTER_MS;
    allowed = new Date(Math.min(end, quarter));
  }
  return allowed;
}

/** Of the window, by the clock on the wall; 0 outside of it. */
function minutesLeft(moment: Date, { from, to }: DailyWindow, timeZone: string): number {
  const time = minutesOf(minuteIn(timeZone, moment).slice(-'09:05'.length));
  const [length, since] = [minutesBetween(minutesOf(from), minutesOf(to)), minutesBetween(minutesOf(from), time)];
  return Math.max(0, length - since);
}

function minutesBetween(from: number, to: number): number {
  return (to - from + DAY_MINUTES) % DAY_MINUTES;
}

/** `09:05` → 545 */
function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
