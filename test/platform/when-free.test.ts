import { expect, test } from 'vitest';
import { BusyError, NotYetError } from '../../src/platform/errors.ts';
import { whenFree } from '../../src/platform/when-free.ts';

/** Ends the first tries with these errors, then well. @returns how it ended and how often it was begun */
async function tried(errors: readonly Error[], longestMs?: number): Promise<{ end: unknown; begun: number }> {
  let begun = 0;
  const work = async (): Promise<string> => {
    const error = errors[begun];
    begun += 1;
    if (error) throw error;
    return 'done';
  };
  const end = await whenFree(work, longestMs).catch((error: unknown) => error);
  return { end, begun };
}

const busy = new BusyError('Another worker is on payment pi_1', 1);
const long = new BusyError('Another worker is on payment pi_1', 60_000);
const notYet = new NotYetError('Stripe has not booked it', 1);
const other = new Error('no such customer');

test.each<[string, readonly Error[], number | undefined, unknown, number]>([
  ['what nobody else is at is done at once', [], undefined, 'done', 1],
  ['somebody else is waited for', [busy, busy], undefined, 'done', 3],
  ['not for longer than a person waits', [busy, busy], 0, busy, 1],
  ['nor where that is certain beforehand', [long], undefined, long, 1],
  ['what takes Stripe an hour is not waited for', [notYet], undefined, notYet, 1],
  ['any other error is told at once', [other], undefined, other, 1],
  ['also after waiting', [busy, other], undefined, other, 2],
])('%s', async (_what, errors, longestMs, end, begun) => {
  expect(await tried(errors, longestMs)).toEqual({ end, begun });
});
