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

/** @returns an invoice of a subscription whose payment failed */
async function unpaid(how: 'exhausted' | null): Promise<string> {
  const id = how ?? 'open';
  await rows(
    db,
    `INSERT INTO subscriptions (id, customer, livemode, status, collection_method, billing_mode, currency, cancel_at_period_end,
                                after_trial, created, synced_from)
     VALUES ('sub_' || :id, 'cus_1', false, :status, 'charge_automatically', 'flexible', 'eur', false, 'create_invoice', now(), now())
     ON CONFLICT DO NOTHING`,
    { id, status: how ? 'canceled' : 'past_due' },
  );
  await rows(
    db,
    `INSERT INTO subscription_invoices (id, subscription, status, collection_method, currency, total, amount_due, amount_paid,
                                        amount_remaining, attempt_count, created, synced_from)
     VALUES ('in_' || :id, 'sub_' || :id, 'open', 'charge_automatically', 'eur', 900, 900, 0, 900, 1, now(), now())
     ON CONFLICT DO NOTHING`,
    { id },
  );
  await rows(
    db,
    `INSERT INTO recovery_cases (invoice, subscription, customer, state, how, currency, amount, first_failed_at, last_failed_at,
                                 attempt_count, decline_class, ended_at)
     VALUES ('in_' || :id, 'sub_' || :id, 'cus_1', :state, :how, 'eur', 900, now(), now(), 1, 'unclear', :endedAt)
     ON CONFLICT DO NOTHING`,
    { id, state: how ? 'ended' : 'open', how, endedAt: how ? new Date() : null },
  );
  return `in_${id}`;
}
const tells = async (letter: string, how: 'exhausted' | null = null) => ({
  tells: [{ invoice: await unpaid(how), letter, ask: 'patience' }],
});

test('the kinds of letters, which stand in rows of earlier releases, and each of which is one letter', () => {
  expect(letters.map(({ kind }) => kind)).toEqual([
    'invoice_issued',
    'receipt',
    'payment_failed',
    'access_granted',
    'recovery_failed',
    'recovery_reminder',
    'recovery_warning',
    'recovery_ended',
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
    ['recovery_failed', () => tells('failed'), /^Your payment of EUR 9.00 did not go through$/],
    ['recovery_reminder', () => tells('reminder'), /^Invoice in_open is still open$/],
    ['recovery_warning', () => tells('warning'), /about to end$/],
    ['recovery_ended', () => tells('ended', 'exhausted'), /^Your subscription has ended$/],
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
    ['recovery_failed', { tells: [] }, 'tells'],
    ['review_notice', { item: '3' }, 'item'],
    ['review_digest', null, 'object'],
  ])('of a %s with %j fails, and it is said what does not fit', async (kind, data, what) => {
    await expect(letterOf(kind).write(data, from, to)).rejects.toThrow(
      new RegExp(`^The data of a ${kind} does not fit.*${what}`, 's'),
    );
  });
});

test.each([
  ['that has ended since is no reminder any more', 'recovery_reminder', 'reminder', 'exhausted' as const],
  ['that goes on has no end to tell', 'recovery_ended', 'ended', null],
])('a failed payment %s', async (_what, kind, letter_, how) => {
  expect(await letterOf(kind).write(await tells(letter_, how), from, to)).toEqual({
    skipped: 'it is paid or has ended by now, or a person has stopped it',
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
