import { DeliveryFailure } from './delivery-failure.ts';

/**
 * What a failed try leads to, pure. The pauses are those that Standard Webhooks recommends, just under three days in all.
 * After the last the message is dead: shown, and sent again only when somebody asks.
 */
const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Seconds after each failed try. */
const SCHEDULE = [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 20 * HOUR];
/** Each pause is shortened by chance down to this share: what failed together is not tried together again. */
const SHORTEST_SHARE = 0.9;
/** However long the other side asks for. */
const LONGEST_ASKED = 6 * HOUR;

export type AfterFailure =
  | { readonly end: 'retry'; readonly seconds: number }
  | { readonly end: 'dead' }
  /** Dead, and its endpoint with it. */
  | { readonly end: 'gone' };

/**
 * @param attempts tries made so far, at least 1
 * @param chance 0 to 1
 */
export function afterFailure(error: unknown, attempts: number, chance: number): AfterFailure {
  if (error instanceof DeliveryFailure && error.kind === 'gone') return { end: 'gone' };
  if (error instanceof DeliveryFailure && error.kind === 'permanent') return { end: 'dead' };
  const pause = SCHEDULE[attempts - 1];
  if (pause === undefined) return { end: 'dead' };
  const asked = error instanceof DeliveryFailure ? (error.retryAfter ?? 0) : 0;
  const ours = pause * (1 - (1 - SHORTEST_SHARE) * chance);
  return { end: 'retry', seconds: Math.max(ours, Math.min(asked, LONGEST_ASKED)) };
}
