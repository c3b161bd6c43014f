import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { askPerson, closeAnswered, withdrawQuestion } from '../../../src/billing/desk/review-items.ts';
import { GATHERED_MINUTES, toldBy } from '../../../src/billing/desk/review-notices.ts';
import { tellOperators } from '../../../src/billing/tell-operators.ts';
import { connect, type Db, rows } from '../../../src/platform/db.ts';
import { freshDatabase } from '../../support/database.ts';
import { until } from '../../support/eventually.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 8 });
afterAll(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE review_items, messages CASCADE'));

const ask = (subject: string, on: Db = db, kind: 'double_payment' | 'document_paid_again' = 'double_payment') => {
  const summary = `${subject} was paid twice.`;
  const details = { invoice: 'inv_1', amount: 5, currency: 'eur', documents: 'pi_0' };
  return askPerson(on, { kind, subject, summary, details });
};
const mails = () =>
  rows<{ kind: string; recipient: string; data: { item?: number; notice?: number } }>(
    db,
    `SELECT kind, recipient, data FROM messages WHERE channel = 'mail' ORDER BY created_at, id`,
  );
const idOf = async (subject: string) =>
  (await rows<{ id: number }>(db, 'SELECT id FROM review_items WHERE subject = ?', [subject]))[0]?.id ?? 0;
/** As if so many minutes had passed. */
const later = (minutes: number) =>
  rows(db, 'UPDATE review_items SET told_at = told_at - make_interval(mins => ?)', [minutes]);

const WAITING = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const someoneWaitsForALock = () => until(async () => (await rows(db, WAITING)).length > 0);

describe('operators', () => {
  test('are told of the first question at once, in a mail of its own', async () => {
    await ask('pi_1');
    expect(await tellOperators(db)).toBe(1);
    expect(await mails()).toEqual([
      { kind: 'review_notice', recipient: 'operator', data: { item: await idOf('pi_1') } },
    ]);
  });

  test('are told of what comes after it in one mail, a quarter of an hour later', async () => {
    await ask('pi_1');
    await tellOperators(db);
    for (const subject of ['pi_2', 'pi_3', 'pi_4']) await ask(subject);
    expect(await tellOperators(db)).toBe(0);
    await later(GATHERED_MINUTES - 1);
    expect(await tellOperators(db)).toBe(0);
    await later(1);
    expect(await tellOperators(db)).toBe(3);
    const notice = await idOf('pi_2');
    expect((await mails())[1]).toEqual({ kind: 'review_digest', recipient: 'operator', data: { notice } });
    const [tells, knows] = [await toldBy(db, notice, 2), await toldBy(db, notice, 10)];
    expect(tells).toMatchObject({ count: 3, kinds: [{ kind: 'double_payment', count: 3 }] });
    expect(tells.first.map(({ subject }) => subject)).toEqual(['pi_2', 'pi_3']);
    expect(knows.first).toHaveLength(3);
  });

  test('are told of each question once, however many processes tell, and however often', async () => {
    await Promise.all(Array.from({ length: 40 }, (_, n) => ask(`pi_${n}`)));
    const told = await Promise.all(Array.from({ length: 6 }, () => tellOperators(db)));
    expect(told.reduce((sum, each) => sum + each, 0)).toBe(40);
    await later(GATHERED_MINUTES);
    expect(await tellOperators(db)).toBe(0);
    await ask('pi_7'); // it came up again
    expect(await tellOperators(db)).toBe(0);
    expect(await mails()).toHaveLength(1);
  });

  test('are told by one process at a time: another does not wait for it, nor send a second mail', async () => {
    const first = await db.transaction();
    await ask('pi_1');
    expect(await tellOperators(first)).toBe(1);
    await ask('pi_2');
    expect(await tellOperators(db)).toBe(0);
    await first.commit();
    expect(await tellOperators(db)).toBe(0);
    await later(GATHERED_MINUTES);
    expect(await tellOperators(db)).toBe(1);
    expect(await mails()).toHaveLength(2);
  });

  test('are told of a question also while the one asked before it is just being answered', async () => {
    await ask('pi_1');
    await ask('pi_2');
    const answering = await db.transaction();
    await closeAnswered(answering, await idOf('pi_1'), {
      result: 'it stays',
      actor: 'admin:test',
      choice: 'keep_payment',
      reason: 'agreed',
    });
    const telling = tellOperators(db);
    await someoneWaitsForALock();
    await answering.commit();
    expect(await telling).toBe(1);
    expect(await mails()).toEqual([
      { kind: 'review_notice', recipient: 'operator', data: { item: await idOf('pi_2') } },
    ]);
  });

  test('get two mails about a thousand questions that come within a quarter of an hour', async () => {
    const many = (from: number, to: number) =>
      rows(
        db,
        `INSERT INTO review_items (kind, subject, summary, to_be_told)
         SELECT CASE WHEN n % 4 = 0 THEN 'event_failed' ELSE 'double_payment' END, 'pi_' || n, 'x', true FROM generate_series(${from}, ${to}) n`,
      );
    await many(1, 3);
    await tellOperators(db);
    for (let n = 0; n < 5; n += 1) {
      await many(n * 200 + 4, n * 200 + 203);
      await tellOperators(db);
    }
    await later(GATHERED_MINUTES);
    expect(await tellOperators(db)).toBe(1_000);
    expect(await mails()).toHaveLength(2);
    expect(await toldBy(db, await idOf('pi_4'), 10)).toMatchObject({
      count: 1_000,
      kinds: [
        { kind: 'double_payment', count: 750 },
        { kind: 'event_failed', count: 250 },
      ],
    });
  });

  test('are told of a question whose transaction ends after a later one was told of', async () => {
    const slow = await db.transaction();
    await ask('pi_slow', slow);
    await ask('pi_fast');
    expect(await tellOperators(db)).toBe(1);
    await slow.commit();
    await later(GATHERED_MINUTES);
    expect(await tellOperators(db)).toBe(1);
    expect(await mails()).toMatchObject([
      { data: { item: await idOf('pi_fast') } },
      { data: { item: await idOf('pi_slow') } },
    ]);
  });

  test('are told after all, when the telling failed', async () => {
    await ask('pi_1');
    await ask('pi_2');
    await rows(db, 'ALTER TABLE messages RENAME TO messages_away');
    await expect(tellOperators(db)).rejects.toThrow('messages');
    await rows(db, 'ALTER TABLE messages_away RENAME TO messages');
    expect(await tellOperators(db)).toBe(2);
    expect(await mails()).toHaveLength(1);
  });

  test('are not told of what was answered before, nor of what an older release has told', async () => {
    for (const subject of ['pi_1', 'pi_2', 'pi_3']) await ask(subject);
    await withdrawQuestion(db, { kind: 'double_payment', subject: 'pi_1' }, 'it settled itself');
    const close = { actor: 'admin:ada', choice: 'keep_payment', reason: 'seen', result: 'it stays' };
    const answered = await idOf('pi_2');
    await db.transaction((trx) => closeAnswered(trx, answered, close));
    await rows(db, `UPDATE review_items SET state = 'resolved', closed_at = now() WHERE subject = 'pi_3'`);
    await rows(db, `INSERT INTO review_items (kind, subject, summary) VALUES ('double_payment', 'pi_4', 'x')`);
    expect(await tellOperators(db)).toBe(0);
    expect(await mails()).toEqual([]);
    await ask('pi_5');
    expect(await tellOperators(db)).toBe(1);
  });
});

test('a mail that waited tells only of what is open still', async () => {
  for (const subject of ['pi_1', 'pi_2', 'pi_3']) await ask(subject);
  await tellOperators(db);
  await withdrawQuestion(db, { kind: 'double_payment', subject: 'pi_2' }, 'it settled itself');
  const told = await toldBy(db, await idOf('pi_1'), 10);
  expect(told).toMatchObject({ count: 2, first: [{ subject: 'pi_1' }, { subject: 'pi_3' }] });
});
