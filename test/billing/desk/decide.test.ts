import Stripe from 'stripe';
import { beforeEach, describe, expect, test } from 'vitest';
import { decide } from '../../../src/billing/desk/decide.ts';
import { answered, type Choice } from '../../../src/billing/desk/questions.ts';
import { askPerson, openReviewItems, withdrawQuestion } from '../../../src/billing/desk/review-items.ts';
import { firstRow, rows } from '../../../src/platform/db.ts';
import { BusyError, PermanentError, StripeRefused } from '../../../src/platform/errors.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';

/** A decision is claimed before anything is done for it. */
const { deps } = await billingUnderTest();
const { db } = deps;
beforeEach(() => rows(db, 'TRUNCATE review_items, audit_log'));

async function asked(): Promise<number> {
  const details = { invoice: 'inv_1', amount: 5, currency: 'eur' };
  await askPerson(db, { kind: 'double_payment', subject: 'pi_1', summary: 'Paid twice.', details });
  return (await openReviewItems(db))[0]?.id ?? 0;
}

const choice = (name: string, run: Choice['run']): Choice => ({ name, effect: `It is ${name}.`, run });
const by = (name: string, actor: string) => ({ choice: name, actor, reason: 'agreed' });
const claimOf = (id: number) =>
  firstRow(db, 'SELECT state, claimed_choice, claimed_by, decision FROM review_items WHERE id = ?', [id]);

describe('two people at the same moment', () => {
  test('who want different things: one wins, the other is told, and nothing is done for him', async () => {
    const id = await asked();
    const done: string[] = [];
    const { promise: goOn, resolve } = Promise.withResolvers<void>();
    const doing = (name: string) =>
      choice(name, async () => {
        done.push(name);
        await goOn;
        return answered(`it is ${name}`);
      });
    const both = [doing('refunded'), doing('kept')];
    const first = decide(id, by('refunded', 'admin:ada'), () => both, deps).catch(String);
    const second = decide(id, by('kept', 'admin:bob'), () => both, deps).catch(String);
    // Whichever of them comes first waits, and the other is told.
    await Promise.race([first, second]);
    resolve();
    const ends = await Promise.all([first, second]);
    expect(ends.filter((end) => end.startsWith('it is '))).toHaveLength(1);
    expect(ends.filter((end) => end.includes('is being decided as'))).toHaveLength(1);
    expect(done).toHaveLength(1);
  });

  test('who want the same: both are told what was done, and one decision is on record', async () => {
    const id = await asked();
    const choices = () => [choice('kept', async () => answered('it is kept'))];
    const ends = await Promise.all(
      ['ada', 'bob'].map((name) => decide(id, by('kept', `admin:${name}`), choices, deps)),
    );
    expect(ends).toEqual(['it is kept', 'it is kept']);
    expect(await rows(db, 'SELECT FROM audit_log')).toHaveLength(1);
  });
});

describe('when what is done for it fails', () => {
  const refusal = new Stripe.errors.StripeInvalidRequestError({ type: 'invalid_request_error', message: 'No.' });
  const failing = (error: Error) => () => [
    choice('refunded', () => Promise.reject(error)),
    choice('kept', async () => answered('it is kept')),
  ];

  test.each([
    ['Stripe refuses it for good', refusal],
    ['it may not be done', new StripeRefused('It has its reversal already.')],
    ['no repeat can help', new PermanentError('It is too small.')],
    ['somebody else is on it', new BusyError('Another worker is on it', 60_000)],
  ])('%s: everything may be decided again', async (_what, error) => {
    const id = await asked();
    await expect(decide(id, by('refunded', 'admin:ada'), failing(error), deps)).rejects.toThrow(error.message);
    expect(await claimOf(id)).toEqual({ state: 'open', claimed_choice: null, claimed_by: null, decision: null });
    expect(await decide(id, by('kept', 'admin:bob'), failing(error), deps)).toBe('it is kept');
  });

  test('nobody knows whether it was done: only the same may be tried again, by anybody', async () => {
    const id = await asked();
    const lost = failing(new Error('the answer was lost'));
    await expect(decide(id, by('refunded', 'admin:ada'), lost, deps)).rejects.toThrow('the answer was lost');
    await expect(decide(id, by('kept', 'admin:bob'), lost, deps)).rejects.toThrow(
      'is being decided as refunded by admin:ada',
    );
    const done = () => [choice('refunded', async () => answered('it was refunded already'))];
    expect(await decide(id, by('refunded', 'admin:bob'), done, deps)).toBe('it was refunded already');
    expect(await claimOf(id)).toMatchObject({ state: 'resolved', decision: 'refunded' });
  });

  test('its cause is still there: the question stays, and everything may be decided again', async () => {
    const id = await asked();
    const still = () => [choice('tried', async () => ({ answered: false, said: 'It differs.' }))];
    await expect(decide(id, by('tried', 'admin:ada'), still, deps)).rejects.toThrow(
      'The question stays open. It differs.',
    );
    expect(await claimOf(id)).toMatchObject({ state: 'open', claimed_choice: null });
    expect(await rows(db, 'SELECT FROM audit_log')).toEqual([]);
  });
});

test('a release before this one, which claims nothing, may have closed it meanwhile: that is told', async () => {
  const id = await asked();
  const closing = () => [
    choice('refunded', async () => {
      await rows(
        db,
        `UPDATE review_items SET state = 'resolved', closed_at = now(), closed_by = 'admin:bob', decision = 'kept' WHERE id = ?`,
        [id],
      );
      return answered('refunded');
    }),
  ];
  expect(await decide(id, by('refunded', 'admin:ada'), closing, deps)).toBe('refunded');
  expect(await claimOf(id)).toMatchObject({ decision: 'kept' });
  await expect(decide(id, by('refunded', 'admin:ada'), closing, deps)).rejects.toThrow(
    'is resolved already, decided as kept by admin:bob',
  );
});

test('a question that has settled itself says how; whose own decision had done that, it is noted', async () => {
  const id = await asked();
  const choices = () => [choice('refunded', () => Promise.reject(new Error('the answer was lost')))];
  await expect(decide(id, by('refunded', 'admin:ada'), choices, deps)).rejects.toThrow('the answer was lost');
  await withdrawQuestion(db, { kind: 'double_payment', subject: 'pi_1' }, 'the money went back');
  await expect(decide(id, by('kept', 'admin:bob'), choices, deps)).rejects.toThrow(
    `Review item ${id} is resolved already by itself: the money went back.`,
  );
  expect(await decide(id, by('refunded', 'admin:bob'), choices, deps)).toBe('the money went back');
  expect(await claimOf(id)).toMatchObject({ state: 'resolved', decision: 'refunded' });
  expect(await rows(db, 'SELECT FROM audit_log')).toHaveLength(1);
});
