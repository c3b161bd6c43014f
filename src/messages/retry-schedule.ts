/**
 * When a message is tried again, pure: seconds after each failed try, about three days in all, as Standard Webhooks
 * recommends. After the last the message is dead: shown, and sent again only when somebody asks.
 */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const SCHEDULE = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 22 * HOUR];

/** @param attempts tries made so far, at least 1; @returns undefined after the last */
export function retryAfter(attempts: number): number | undefined {
  return SCHEDULE[attempts - 1];
}
