import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Looks again and again until something is found, for who waits for somebody else to be done.
 * @returns undefined when nothing was found in so many seconds
 */
export async function lookUntil<T>(
  look: () => Promise<T | undefined>,
  { seconds, everyMs }: { readonly seconds: number; readonly everyMs: number },
): Promise<T | undefined> {
  const until = performance.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined || performance.now() + everyMs > until) return found;
    await sleep(everyMs);
  }
}
