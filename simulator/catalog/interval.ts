import { invalidParam } from '../core/errors.ts';

/** "Maximum of three years interval allowed (3 years, 36 months, or 156 weeks)": https://docs.stripe.com/api/prices/create */
const LONGEST = { day: 1095, week: 156, month: 36, year: 3 } as const;

interface Sent {
  interval: keyof typeof LONGEST;
  interval_count?: number | undefined;
}

/** A billing period of a price ends within three years. `param` is the name that the recurrence has in the request. */
export function checkInterval(sent: Sent | undefined, param = 'recurring'): void {
  if (sent === undefined || (sent.interval_count ?? 1) <= LONGEST[sent.interval]) return;
  const message = `Invalid interval_count: ${sent.interval_count}. The maximum for the interval ${sent.interval} is ${LONGEST[sent.interval]}, which is three years.`;
  throw invalidParam(message, `${param}[interval_count]`);
}
