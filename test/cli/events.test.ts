import { beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { NOBODY_LISTENS } from '../../src/stripe/inbox/inbox.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { answerOf, quittance } from '../support/command.ts';
import { storedEvent } from '../support/stored-events.ts';

/** `events reopen`: what came of a type before anybody listened to it. */
const { deps, settings } = await billingUnderTest();
const { db } = deps;
beforeEach(() => rows(db, 'TRUNCATE stripe_events, audit_log CASCADE'));

const type = 'charge.succeeded';
/** As the receiver of a release stores it that does not listen to the type. */
async function unheard(id: string, says: { type?: string; reason?: string; payload?: object; queue?: null } = {}) {
  const { reason = NOBODY_LISTENS, ...more } = says;
  await storedEvent(db, id, { type, outcome: 'ignored', ...more });
  await rows(db, 'UPDATE stripe_events SET reason = ?, queue = NULL WHERE id = ?', [reason, id]);
}
const open = async () =>
  (await rows<{ id: string }>(db, `SELECT id FROM stripe_events WHERE outcome IS NULL ORDER BY id`)).map(
    ({ id }) => id,
  );
const reopen = (...words: string[]) => answerOf(['events', 'reopen', '--type', type, ...words], settings);

describe('events reopen', () => {
  test('counts, reopens snapshot and thin events with their queue, and a second time finds nothing', async () => {
    await unheard('evt_1');
    await unheard('evt_2', { type: `v1.${type}` });
    expect(await reopen()).toBe(
      '2 events of type charge.succeeded ended as ignored because nobody listened to them.\n2 events are reopened. The workers take them up within a minute, 500 at a time.\n',
    );
    expect(
      await rows(db, 'SELECT id, queue, outcome, reason, outcome_at, swept_at FROM stripe_events ORDER BY id'),
    ).toEqual(
      ['evt_1', 'evt_2'].map((id) => ({
        id,
        queue: 'invoicing',
        outcome: null,
        reason: null,
        outcome_at: null,
        swept_at: null,
      })),
    );
    expect(await reopen()).toMatch(/^0 events of type charge\.succeeded ended/);
    expect(await rows(db, 'SELECT action, subject, details FROM audit_log')).toEqual([
      { action: 'events.reopen', subject: type, details: { events: 2 } },
    ]);
  });

  test('leaves alone what ended otherwise, is of another type, or has lost its payload', async () => {
    await unheard('evt_other', { type: 'charge.failed' });
    await unheard('evt_reason', { reason: 'nothing was received' });
    await unheard('evt_blank', { payload: {} });
    await storedEvent(db, 'evt_done', { type, outcome: 'processed' });
    await storedEvent(db, 'evt_review', { type, outcome: 'review' });
    expect(await reopen()).toMatch(/^0 events/);
    expect(await open()).toEqual([]);
  });

  test('of more than one portion reopens all, and --since only the younger ones', async () => {
    await rows(
      db,
      `INSERT INTO stripe_events (id, type, livemode, created, payload, outcome, outcome_at, reason, received_at)
       SELECT 'evt_' || n, :type, false, now(), '{"data":{}}', 'ignored', now(), :reason, timestamptz '2026-03-01Z' + n * interval '1 hour'
       FROM generate_series(1, 1200) n`,
      { type, reason: NOBODY_LISTENS },
    );
    expect(await reopen('--since', '2026-04-01', '--dry-run')).toMatch(
      /^457 events .* since 2026-04-01 .* would be reopened/,
    );
    expect(await open()).toEqual([]);
    expect(await reopen('--since', '2026-04-01')).toContain('\n457 events are reopened');
    expect(await reopen()).toContain('\n743 events are reopened');
  });

  test.each([
    [
      'a type that nobody listens to',
      ['--type', 'customer.source.created'],
      'This release does not listen to customer.source.created',
    ],
    ['a thin name', ['--type', 'v1.charge.succeeded'], 'This release does not listen to v1.charge.succeeded'],
    ['a day that is none', ['--type', type, '--since', 'yesterday'], '--since must be a day'],
  ])('refuses %s', async (_what, words, message) => {
    const { code, stderr } = await quittance(['events', 'reopen', ...words], settings);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});
