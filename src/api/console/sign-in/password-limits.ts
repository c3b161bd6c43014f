import type { Redis } from 'ioredis';
import { type Limit, limit } from '../../http/limit.ts';

/** How often somebody who is signed in may try to change his password, by his name. */
export interface PasswordLimits {
  readonly failures: Limit;
  readonly rated: Limit;
}

/** Wrong current passwords in a quarter of an hour: whoever sits before somebody else's browser must not find it out here. */
const FAILURES = 5;
/** How strong a password is takes a third of a second to find out, in which the process does nothing else. */
const RATED = 30;
const WINDOW_SECONDS = 15 * 60;

export function passwordLimits(redis: Redis, prefix: string): PasswordLimits {
  const perQuarter = (name: string, places: number) =>
    limit(redis, { keyPrefix: `${prefix}-${name}`, places, seconds: WINDOW_SECONDS });
  return {
    failures: perQuarter('own-password', FAILURES),
    rated: perQuarter('own-password-rated', RATED),
  };
}
