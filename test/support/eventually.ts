import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export type UntilOptions = {
  /** Milliseconds. Default 10,000. */
  timeout?: number;
  /** Milliseconds between two looks. Default 25. */
  interval?: number;
  /** What is awaited, for the message: `the invoice is paid`. Default: the text of the condition. */
  what?: string;
};

type Falsy = false | null | undefined | 0 | '';

/**
 * Looks again and again until the condition returns something truthy, and returns that. An error of the condition counts
 * as "not yet" and is told when the time is over. This is how a test waits: never for a time, always for a fact.
 */
export async function until<T>(
  condition: () => T | Falsy | Promise<T | Falsy>,
  options: UntilOptions = {},
): Promise<T> {
  const { timeout = 30_000, interval = 25, what = condition.toString() } = options;
  const began = performance.now();
  let last: { value: unknown } | { error: unknown } = { value: 'never looked' };
  for (;;) {
    try {
      const value = await condition();
      if (value) return value;
      last = { value };
    } catch (error) {
      last = { error };
    }
    if (performance.now() - began > timeout) throw new Error(explain(what, timeout, last));
    await sleep(interval);
  }
}

function explain(what: string, timeout: number, last: { value: unknown } | { error: unknown }): string {
  const end =
    'error' in last ? `the last look failed with ${inspect(last.error)}` : `last seen: ${inspect(last.value)}`;
  return `Not within ${timeout} ms: ${what}; ${end}`;
}
