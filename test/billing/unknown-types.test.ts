import { beforeEach, describe, expect, test } from 'vitest';
import { choicesFor, decideReview } from '../../src/billing/questions.ts';
import { askAboutUnknownTypes } from '../../src/billing/unknown-types.ts';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { storedEvent } from '../support/stored-events.ts';

/** Events of types that only a newer release knows, long after the deployment. */
const { deps } = await billingUnderTest();
const { db } = deps;
beforeEach(() => rows(db, 'TRUNCATE stripe_events, review_items, audit_log CASCADE'));

const type = 'invoice.overpaid';
async function left(id: string, hours: number, says: { type?: string; queue?: string } = {}): Promise<void> {
  await storedEvent(db, id, { type, ...says });
  await rows(db, 'UPDATE stripe_events SET awaits_release_since = now() - make_interval(hours => ?) WHERE id = ?', [
    hours,
    id,
  ]);
}
const questions = () =>
  rows<{ id: number; subject: string; state: string; summary: string; details: object; closed_by: string | null }>(
    db,
    'SELECT id, kind, subject, state, summary, details, closed_by FROM review_items ORDER BY id',
  );
async function decide(choice: string): Promise<string> {
  const [open] = (await questions()).filter(({ state }) => state === 'open');
  return decideReview(open?.id ?? 0, { choice, actor: 'test', reason: 'because' }, deps);
}

describe('a person is asked', () => {
  test('when a day is over, once for all events of a type, and again with what waits by then', async () => {
    await left('evt_1', 23);
    await askAboutUnknownTypes(db);
    expect(await questions()).toEqual([]);
    await left('evt_2', 24);
    await askAboutUnknownTypes(db);
    await left('evt_3', 0);
    await askAboutUnknownTypes(db);
    expect(await questions()).toMatchObject([
      { kind: 'event_type_unknown', subject: type, state: 'open', details: { events: 3 } },
    ]);
  });

  test('not about what this release knows, though nobody has worked on it', async () => {
    await left('evt_1', 100, { type: 'charge.succeeded' });
    await askAboutUnknownTypes(db);
    expect(await questions()).toEqual([]);
  });

  test('not any more when the newer release has taken them', async () => {
    await left('evt_1', 30);
    await askAboutUnknownTypes(db);
    await rows(db, `UPDATE stripe_events SET outcome = 'processed', outcome_at = now()`);
    await askAboutUnknownTypes(db);
    expect(await questions()).toMatchObject([{ state: 'resolved', closed_by: 'system' }]);
  });
});

describe('the answer', () => {
  beforeEach(async () => {
    await left('evt_1', 30);
    await left('evt_2', 1);
    await left('evt_other', 30, { type: 'quote.accepted' });
    await askAboutUnknownTypes(db);
  });

  test('always ends it: no choice does nothing and asks again at once', async () => {
    expect(
      choicesFor({ id: 1, kind: 'event_type_unknown', subject: type, details: {} }).map(({ name }) => name),
    ).toEqual(['wait_for_release', 'end_as_ignored']);
  });

  test('may be that they end as ignored: all of the type, and no other', async () => {
    expect(await decide('end_as_ignored')).toBe('2 events ended as ignored');
    expect(await rows(db, 'SELECT id, outcome FROM stripe_events ORDER BY id')).toEqual([
      { id: 'evt_1', outcome: 'ignored' },
      { id: 'evt_2', outcome: 'ignored' },
      { id: 'evt_other', outcome: null },
    ]);
    await askAboutUnknownTypes(db);
    expect((await questions()).filter(({ state }) => state === 'open')).toMatchObject([{ subject: 'quote.accepted' }]);
  });

  test('may be to wait: a week later the question comes back', async () => {
    await decide('wait_for_release');
    const open = async () => (await questions()).filter(({ state, subject }) => state === 'open' && subject === type);
    await askAboutUnknownTypes(db);
    expect(await open()).toEqual([]);
    await rows(db, `UPDATE review_items SET closed_at = closed_at - interval '7 days' WHERE state <> 'open'`);
    await askAboutUnknownTypes(db);
    expect(await open()).toHaveLength(1);
  });
});
