/** The time that somebody gave to a piece of work is over. The work may still go on; nobody waits for it. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

/**
 * Waits for `work` no longer than `ms`: an end of its own for every wait on somebody else, also where he has broken off
 * without a word. The signal tells the work that nobody waits any more.
 * @param what what is waited for, for the message of the error
 * @throws TimeIsUp
 */
export async function within<T>(ms: number, what: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const giveUp = new AbortController();
  const { promise: timeIsUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new TimeIsUp(`${what} did not end within ${ms / 1000} s`);
    reject(error);
    giveUp.abort(error);
  }, ms);
  try {
    return await Promise.race([work(giveUp.signal), timeIsUp]);
  } finally {
    clearTimeout(timer);
  }
}
