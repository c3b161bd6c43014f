import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { recordAudit } from '../../../src/billing/desk/audit-log.ts';
import type { Question } from '../../../src/billing/desk/questions.ts';
import { askPerson, askPersonOnce, closeAnswered, withdrawQuestion } from '../../../src/billing/desk/review-items.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { freshDatabase } from '../../support/database.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 8 });
afterAll(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE review_items, audit_log'));

const question = {
  kind: 'line_items_differ',
  subject: 'pi_1',
  summary: 'The lines differ.',
  details: { expected: 5, found: 4, currency: 'eur' },
} as const satisfies Question;
const another: Question = {
  ...question,
  kind: 'double_payment',
  details: { invoice: 'inv_1', amount: 5, currency: 'eur' },
};
const items = () =>
  rows(
    db,
    'SELECT kind, subject, summary, details, state, seen_again_at, closed_by, reason FROM review_items ORDER BY id',
  );

test('a question is asked once, however often and concurrently it comes up, and says when it was seen again', async () => {
  await askPerson(db, question);
  expect(await items()).toEqual([{ ...question, state: 'open', seen_again_at: null, closed_by: null, reason: null }]);
  await Promise.all(Array.from({ length: 8 }, () => askPerson(db, { ...question, summary: 'They still differ.' })));
  expect(await items()).toEqual([
    expect.objectContaining({ state: 'open', summary: 'They still differ.', seen_again_at: expect.any(Date) }),
  ]);
});

test('another kind or another subject is another question', async () => {
  await askPerson(db, question);
  await askPerson(db, another);
  await askPerson(db, { ...question, subject: 'pi_2' });
  expect(await items()).toHaveLength(3);
});

test('a question that answered itself is closed with the reason; when it comes up again it is asked again', async () => {
  await askPerson(db, question);
  await askPerson(db, { ...question, subject: 'pi_2' });
  await withdrawQuestion(db, question, 'the payment has its invoice now');
  expect(await items()).toMatchObject([
    { subject: 'pi_1', state: 'resolved', closed_by: 'system', reason: 'the payment has its invoice now' },
    { subject: 'pi_2', state: 'open' },
  ]);
  await askPerson(db, question);
  expect(await items()).toMatchObject([{ state: 'resolved' }, { state: 'open' }, { state: 'open' }]);
});

describe('asked once and for all', () => {
  const decide = async (subject: string = question.subject) => {
    const [item] = await rows<{ id: number }>(db, `SELECT id FROM review_items WHERE state = 'open' AND subject = ?`, [
      subject,
    ]);
    const close = { actor: 'admin:ada', choice: 'skip', reason: 'looked at it', result: 'skipped' };
    return db.transaction((trx) => closeAnswered(trx, item?.id ?? 0, close));
  };

  test('a question that a person has answered is not asked again', async () => {
    expect(await askPersonOnce(db, question)).toBe(true);
    expect(await decide()).toBe(true);
    expect(await askPersonOnce(db, { ...question, summary: 'It came up again.' })).toBe(false);
    expect(await items()).toMatchObject([{ state: 'resolved', summary: question.summary }]);
  });

  test('while nobody has answered it stays open, and the newest words are kept', async () => {
    await askPersonOnce(db, question);
    expect(await askPersonOnce(db, { ...question, summary: 'They still differ.' })).toBe(true);
    expect(await items()).toMatchObject([{ state: 'open', summary: 'They still differ.' }]);
  });

  test('one that had answered itself is asked again', async () => {
    await askPersonOnce(db, question);
    await withdrawQuestion(db, question, 'the payment has its invoice now');
    expect(await askPersonOnce(db, question)).toBe(true);
    expect(await items()).toMatchObject([{ state: 'resolved' }, { state: 'open' }]);
  });

  test.each<[string, Question]>([
    ['about something else', { ...question, subject: 'pi_2' }],
    ['of another kind', another],
  ])('an answer to a question %s is no answer to this one', async (_what, other) => {
    await askPersonOnce(db, other);
    await decide(other.subject);
    expect(await askPersonOnce(db, question)).toBe(true);
    expect(await items()).toMatchObject([{ state: 'resolved' }, { state: 'open' }]);
  });
});

test('withdrawing what was never asked does nothing', async () => {
  await withdrawQuestion(db, question, 'because');
  expect(await items()).toEqual([]);
});

test('a question is asked within the transaction of what raised it, or not at all', async () => {
  const undone = db.transaction(async (trx) => {
    await askPerson(trx, question);
    throw new Error('the rest failed');
  });
  await expect(undone).rejects.toThrow('the rest failed');
  expect(await items()).toEqual([]);
});

test('what a person did is kept with its reason', async () => {
  await recordAudit(db, { actor: 'cli:root', action: 'reconsider', subject: 'pi_1', reason: 'asked by accounting' });
  expect(await rows(db, 'SELECT actor, action, subject, reason, details FROM audit_log')).toEqual([
    { actor: 'cli:root', action: 'reconsider', subject: 'pi_1', reason: 'asked by accounting', details: {} },
  ]);
});
