import { setTimeout as sleep } from 'node:timers/promises';

const longest = 30_000;

/** Looks again and again until there is something to see. Throws, and says what was awaited, when it never comes. */
export async function until<T>(what: string, look: () => Promise<T | false>): Promise<T> {
  const deadline = performance.now() + longest;
  for (;;) {
    const seen = await look();
    if (seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`Waited ${longest / 1000} s in vain for ${what}.`);
    await sleep(60);
  }
}
