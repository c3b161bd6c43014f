import { beforeEach, expect, test } from 'vitest';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { finishEvent, type Outcome } from '../../../src/stripe/inbox/events.ts';
import { beginAttempt } from '../../support/begun-attempts.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { storedEvent } from '../../support/stored-events.ts';

/** A stalled attempt ends when another one is under way or done: only the latest may say what became of the event. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE stripe_events CASCADE'));

const OUTCOMES = ['processed', 'ignored', 'review'] as const;
const end = (outcome: Outcome['outcome']): Outcome => ({ outcome, reason: outcome });
const orders = OUTCOMES.flatMap((stalled) =>
  OUTCOMES.flatMap((latest) => [
    [stalled, latest, 'the stalled one last'] as const,
    [stalled, latest, 'the stalled one first'] as const,
  ]),
);

test.each(orders)('stalled %s, latest %s, %s: the latest counts', async (stalled, latest, order) => {
  await storedEvent(db, 'evt_1');
  const first = await beginAttempt(db, 'evt_1', 'worker 1', () => 0);
  const second = await beginAttempt(db, 'evt_1', 'worker 2', () => 0);
  const ends = [() => finishEvent(db, second, end(latest)), () => finishEvent(db, first, end(stalled))];
  const written = [];
  for (const write of order === 'the stalled one last' ? ends : ends.toReversed()) written.push(await write());
  expect(written.filter(Boolean)).toHaveLength(1);
  expect(await firstRow(db, 'SELECT outcome, reason FROM stripe_events')).toEqual({ outcome: latest, reason: latest });
  const attempts = await rows(db, 'SELECT ended FROM event_attempts ORDER BY id');
  expect(attempts).toEqual([{ ended: stalled }, { ended: latest }]);
});
