import { beforeEach, expect, test } from 'vitest';
import { askAboutUnbooked } from '../../../src/billing/stripe-invoices/await-booking.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';

/** Payments that only a backfill has met: no event is left that would be tried again and ask. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE payments, review_items CASCADE'));

async function unbooked(intent: string, minutes: number): Promise<void> {
  await rows(
    db,
    `INSERT INTO payments (account, payment_intent, livemode, unbooked_since)
     VALUES ('', ?, false, now() - make_interval(mins => ?))`,
    [intent, minutes],
  );
}
const asked = async (): Promise<string[]> => {
  const questions = await rows<{ subject: string }>(
    db,
    `SELECT subject FROM review_items WHERE kind = 'payment_not_booked' ORDER BY subject`,
  );
  return questions.map(({ subject }) => subject);
};

test('a person is asked once about each that has waited for an hour, and not before', async () => {
  await unbooked('pi_early', 59);
  await unbooked('pi_late', 61);
  await askAboutUnbooked(db);
  await askAboutUnbooked(db);
  expect(await asked()).toEqual(['pi_late']);
});

test('one that is asked about is not asked again; one that was only dismissed, as releases before did, is', async () => {
  await unbooked('pi_late', 61);
  await askAboutUnbooked(db);
  await askAboutUnbooked(db);
  expect(await asked()).toHaveLength(1);
  await rows(
    db,
    `UPDATE review_items SET state = 'dismissed', closed_at = now(), closed_by = 'admin:demo', decision = 'dismiss', reason = 'later'`,
  );
  await askAboutUnbooked(db);
  expect(await asked()).toHaveLength(2);
});

test('one that is being settled is left alone', async () => {
  await unbooked('pi_late', 61);
  await db.transaction(async (trx) => {
    await rows(trx, `UPDATE payments SET updated_at = now() WHERE payment_intent = 'pi_late'`);
    await askAboutUnbooked(db);
  });
  expect(await asked()).toEqual([]);
});
