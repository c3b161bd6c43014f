import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { askPerson } from '../../src/billing/desk/review-items.ts';
import { letters } from '../../src/billing/letters.ts';
import { letter } from '../../src/messages/letter.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import type { Reader } from '../../src/platform/words.ts';
import { outboxUnderTest } from '../support/outbox.ts';
import { recordedIssued, recordedPaid } from '../support/recorded-invoices.ts';

const { db } = await outboxUnderTest();
const from = { db, publicUrl: 'https://billing.example' };
const to: Reader = { business: { name: 'Atelier', details: '', timeZone: 'UTC' }, locale: 'en' };

const letterOf = (kind: string) => {
  const found = letters.find((each) => each.kind === kind);
  if (!found) throw new Error(`no letter is ${kind}`);
  return found;
};

/** @returns the number of an open question, alone in the notice of that number */
async function asked(): Promise<number> {
  await askPerson(db, {
    kind: 'double_payment',
    subject: 'pi_1',
    summary: 'Twice.',
    details: { invoice: 'inv_1', amount: 5, currency: 'eur' },
  });
  const item = await firstRow<{ id: number }>(db, 'UPDATE review_items SET notice = id RETURNING id');
  return item?.id ?? 0;
}

/** @returns a payment whose course somebody may use */
async function sold(): Promise<string> {
  await rows(db, `INSERT INTO payments (payment_intent, livemode) VALUES ('pi_sold', false)`);
  await rows(
    db,
    `INSERT INTO purchases (payment_intent, amount, currency, paid_at) VALUES ('pi_sold', 900, 'eur', now())`,
  );
  await rows(db, `INSERT INTO access_grants (cause, feature, reference) VALUES ('payment:pi_sold', 'oil', 'user-1')`);
  return 'pi_sold';
}

test('the kinds of letters, which stand in rows of earlier releases, and each of which is one letter', () => {
  expect(letters.map(({ kind }) => kind)).toEqual([
    'invoice_issued',
    'receipt',
    'payment_failed',
    'access_granted',
    'review_notice',
    'review_digest',
  ]);
});

describe('a row that another release has written', () => {
  test.each([
    ['invoice_issued', async () => ({ invoice: (await recordedIssued(db)).id }), /^Invoice /],
    ['receipt', async () => ({ invoice: (await recordedPaid(db)).id }), /^Receipt /],
    ['receipt', async () => ({ invoice: (await recordedPaid(db)).id, method: 'by card', more: 1 }), /^Receipt /],
    ['payment_failed', async () => ({ invoice: (await recordedIssued(db)).id, words: 'No.' }), /did not go through$/],
    ['access_granted', async () => ({ payment: await sold(), bought: ['Oil'] }), /^Your access to Oil$/],
    ['review_notice', async () => ({ item: await asked() }), /^A decision is needed/],
    ['review_digest', async () => ({ notice: await asked() }), /^Decisions are needed: 1 /],
  ])('of a %s is written', async (kind, data, subject) => {
    expect(await letterOf(kind).write(await data(), from, to)).toMatchObject({
      subject: expect.stringMatching(subject),
    });
  });

  test.each([
    ['receipt', {}, 'invoice'],
    ['receipt', { invoice: 3 }, 'invoice'],
    ['payment_failed', { invoice: 'inv_1' }, 'words'],
    ['review_notice', { item: '3' }, 'item'],
    ['review_digest', null, 'object'],
  ])('of a %s with %j fails, and it is said what does not fit', async (kind, data, what) => {
    await expect(letterOf(kind).write(data, from, to)).rejects.toThrow(
      new RegExp(`^The data of a ${kind} does not fit.*${what}`, 's'),
    );
  });
});

test('a letter with nothing left to say renders nothing', async () => {
  const quiet = letter({
    kind: 'quiet',
    data: z.object({}),
    load: async () => ({ skipped: 'all is said' }),
    render: () => {
      throw new Error('rendered');
    },
  });
  expect(await quiet.write({}, from, to)).toEqual({ skipped: 'all is said' });
});
