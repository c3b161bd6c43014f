import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { limit } from '../../http/limit.ts';

/**
 * How fast passwords may be guessed (docs/decisions/0023-guesses-are-delayed.md). One sender has a few failures, for a name
 * and in all. Whoever has many addresses meets a pace per name: its tries wait for their turn. Nobody is locked out by that: a browser in
 * which this name has signed in before counts by itself, and stays out of all that others do.
 */
export interface Guess {
  /** In lower case. An unknown one is treated like any other. */
  readonly name: string;
  readonly sender: string;
  /** The browser, if this name has signed in with it before. */
  readonly browser: string | undefined;
}

export interface Refused {
  readonly seconds: number;
  /** Whose doing it is: this sender's, or that of many who try the same name. */
  readonly because: 'sender' | 'name';
}

export interface SignInLimits {
  /** To be asked before the password is looked at, which takes its time: else many at once would all be the first. */
  take(guess: Guess): Promise<Refused | undefined>;
  /** The password was right: its try is given back. */
  succeeded(guess: Guess): Promise<void>;
}

const WINDOW_SECONDS = 15 * 60;
const PER_NAME_AND_SENDER = 5;
const PER_BROWSER = 5;
const PER_SENDER = 30;
/** Failures for a name, over all senders, before its tries are paced. */
const PER_NAME = 20;
/** One try each: about 29,000 a day at the most, whatever is sent. */
const PACE_SECONDS = 3;
const LONGEST_WAIT_MS = 10_000;
/** Tries that wait in one process: each holds a connection. */
const MOST_WAITING = 100;

export function signInLimits(redis: Redis, prefix: string, wait: (ms: number) => Promise<void> = sleep): SignInLimits {
  const failures = (name: string, places: number) =>
    limit(redis, { keyPrefix: `${prefix}-login-${name}`, places, seconds: WINDOW_SECONDS });
  const byBrowser = failures('browser', PER_BROWSER);
  const byNameAndSender = failures('name', PER_NAME_AND_SENDER);
  const bySender = failures('address', PER_SENDER);
  const byName = failures('name-anywhere', PER_NAME);
  const pace = limit(redis, { keyPrefix: `${prefix}-login-pace`, places: 1, seconds: PACE_SECONDS });
  let waiting = 0;

  /** @returns 0 when it is this try's turn, else the seconds after which to come again */
  async function turn(name: string): Promise<number> {
    for (let waited = 0; ; ) {
      const seconds = await pace.take(name);
      if (seconds === 0 || waiting >= MOST_WAITING) return seconds;
      // By chance, so that none of those who wait is always the last.
      const ms = seconds * 1000 * (0.5 + Math.random() / 2);
      if (waited + ms > LONGEST_WAIT_MS) return seconds;
      waited += ms;
      waiting += 1;
      await wait(ms).finally(() => (waiting -= 1));
    }
  }

  async function takeSender({ name, sender }: Guess): Promise<number> {
    return (await byNameAndSender.take(both(name, sender))) || (await bySender.take(sender));
  }

  return {
    async take(guess) {
      const { name, sender, browser } = guess;
      const seconds = browser ? await byBrowser.take(browser) : await takeSender(guess);
      if (seconds > 0) return { seconds, because: 'sender' };
      if (browser || (await byName.take(name)) === 0) return undefined;
      const again = await turn(name);
      if (again === 0) return undefined;
      // Nothing was tried: others must not be able to use up what this sender has.
      await Promise.all([byNameAndSender.giveBack(both(name, sender)), bySender.giveBack(sender)]);
      return { seconds: again, because: 'name' };
    },
    async succeeded({ name, sender, browser }) {
      if (browser) return byBrowser.forget(browser);
      await Promise.all([
        byNameAndSender.forget(both(name, sender)),
        bySender.giveBack(sender),
        // Not all of them: the failures of others stay counted.
        byName.giveBack(name),
      ]);
    },
  };
}

function both(name: string, sender: string): string {
  return `${name} ${sender}`;
}
