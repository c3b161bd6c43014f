import { afterAll, beforeEach, expect, test } from 'vitest';
import { recordAudit } from '../../../src/billing/review/audit-log.ts';
import { askPerson, withdrawQuestion } from '../../../src/billing/review/review-items.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { freshDatabase } from '../../support/database.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 8 });
afterAll(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE review_items, audit_log'));

const question = { kind: 'line_items_differ', subject: 'pi_1', summary: 'The lines differ.', details: { expected: 5 } };
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
  await askPerson(db, { ...question, kind: 'event_failed' });
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
