/**
 * Days of the business, pure. A moment is the same everywhere, its day is not: what is due, overdue, issued or printed on a
 * document goes by the one time zone of the business, never by that of a machine or of a session of Postgres.
 */
interface Local {
  /** `2026-12-31` */
  readonly day: string;
  /** `09:05` */
  readonly time: string;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than using it a thousand times. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  formats.set(timeZone, made);
  return made;
}

function partsIn(timeZone: string, moment: Date): Record<string, string> {
  return Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
}

function localIn(timeZone: string, moment: Date): Local {
  const { year = '', month, day, hour, minute } = partsIn(timeZone, moment);
  return { day: `${year.padStart(4, '0')}-${month}-${day}`, time: `${hour}:${minute}` };
}

/** @param timeZone of the IANA database, e.g. `Europe/Berlin` */
export function isTimeZone(timeZone: string): boolean {
  // Offsets such as +02:00 know no summer.
  if (/^[+-]/.test(timeZone)) return false;
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

/** The day of a moment, `2026-12-31`: comparable as text. */
export function dayIn(timeZone: string, moment: Date): string {
  return localIn(timeZone, moment).day;
}

/** `2026-12-31 09:05` */
export function minuteIn(timeZone: string, moment: Date): string {
  const { day, time } = localIn(timeZone, moment);
  return `${day} ${time}`;
}

/** How the zone is called at that moment, summer time or not: `CET`, `GMT+13`, `UTC`. */
export function zoneNameAt(timeZone: string, moment: Date): string {
  return partsIn(timeZone, moment).timeZoneName ?? timeZone;
}

const DAY_MS = 86_400_000;

/**
 * The first moment of a day, also where clocks go forward at midnight.
 * @param day `2026-12-31`
 * @returns undefined when there is no such day in the calendar
 */
export function startOfDay(timeZone: string, day: string): Date | undefined {
  const inUtc = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(inUtc) || new Date(inUtc).toISOString().slice(0, 10) !== day) return undefined;
  // Every zone is within a day of UTC; days only grow, so the first second that belongs to it is found by halving.
  let [before, within] = [inUtc - DAY_MS, inUtc + DAY_MS];
  while (within - before > 1_000) {
    const middle = before + Math.floor((within - before) / 2_000) * 1_000;
    if (dayIn(timeZone, new Date(middle)) >= day) within = middle;
    else before = middle;
  }
  return new Date(within);
}

/**
 * The first moment after a day.
 * @param day `2026-12-31`
 * @returns undefined when there is no such day in the calendar
 */
export function endOfDay(timeZone: string, day: string): Date | undefined {
  const start = startOfDay(timeZone, day);
  return start && startOfDay(timeZone, new Date(Date.parse(`${day}T12:00:00Z`) + DAY_MS).toISOString().slice(0, 10));
}
