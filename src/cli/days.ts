import { startOfDay } from '../platform/business-day.ts';

/** `2026-01-01`: the first moment of that day where the business is. */
export function parseDay(text: string, timeZone: string): Date {
  const start = startOfDay(timeZone, text);
  if (!start) throw new Error(`--since must be a day like 2026-01-01, not ${text}.`);
  return start;
}
