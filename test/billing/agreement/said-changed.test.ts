import { beforeEach, describe, expect, test } from 'vitest';
import { type Agreement, retryMarks, sayingChanged } from '../../../src/billing/agreement/bring-into-agreement.ts';
import type { Agree, Dependents } from '../../../src/billing/agreement/dependent.ts';
import { waitingMarks } from '../../../src/billing/agreement/marks.ts';
import { dependents } from '../../../src/billing/dependents.ts';
import { receipt } from '../../../src/billing/letters/receipt.ts';
import { DEFAULT_POLICY } from '../../../src/billing/policy/policy.ts';
import { queueLetter } from '../../../src/messages/outbox.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { createLog } from '../../../src/platform/log.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { until } from '../../support/eventually.ts';
import { recordedPaid } from '../../support/recorded-invoices.ts';

/** What happens to a change when something that is derived from it fails. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 8 });
releaseAfterFile(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE agreement_marks, messages, invoices, invoice_series CASCADE'));

type Own = Agree<'own_invoice'>;
function agreementOf(own: Record<string, Own>): Agreement {
  const all: Dependents = { ...dependents, own_invoice: own };
  return { dependents: all, log: createLog('error'), timeZone: 'UTC', policy: 'test', rules: DEFAULT_POLICY };
}
const broken: Own = async (trx) => {
  await rows(trx, 'SELECT 1 / 0');
};
const works: Own = async (trx, { id }) => {
  await queueLetter(trx, receipt, { invoice: id }, { to: 'ada@example.com', key: `works:${id}` });
};
const told = async () =>
  (await rows<{ dedupe_key: string }>(db, 'SELECT dedupe_key FROM messages ORDER BY dedupe_key')).map(
    ({ dedupe_key }) => dedupe_key,
  );
const makeDue = () => rows(db, 'UPDATE agreement_marks SET next_try_at = now()');
const renamed = async (id: string) =>
  (await firstRow<{ notes: string | null }>(db, 'SELECT notes FROM invoices WHERE id = ?', [id]))?.notes;

async function change(agreement: Agreement, id: string, turned?: 'paid'): Promise<void> {
  await db.transaction(async (trx) => {
    await rows(trx, `UPDATE invoices SET notes = 'changed' WHERE id = ?`, [id]);
    await sayingChanged(agreement)(trx, { record: 'own_invoice', id, turned });
  });
}

describe('a dependent that fails', () => {
  test('holds up neither the change nor the others, and is run again until it works', async () => {
    const { id } = await recordedPaid(db);
    await change(agreementOf({ tell_customer: broken, other: works }), id, 'paid');
    expect(await renamed(id)).toBe('changed');
    expect(await told()).toEqual([`mail:works:${id}`]);
    expect(await waitingMarks(db)).toMatchObject([
      { dependent: 'tell_customer', count: 1, error: expect.stringContaining('division by zero') },
    ]);

    await makeDue();
    expect(await retryMarks(db, agreementOf({ tell_customer: broken }))).toBe(0);
    expect(await rows(db, 'SELECT tries FROM agreement_marks')).toEqual([{ tries: 1 }]);
    await makeDue();
    expect(await retryMarks(db, agreementOf(dependents.own_invoice))).toBe(1);
    expect(await told()).toEqual([`mail:receipt:${id}`, `mail:works:${id}`]);
    expect(await waitingMarks(db)).toEqual([]);
  });

  test('is tried again within a minute, then less and less often', async () => {
    const { id } = await recordedPaid(db);
    const agreement = agreementOf({ other: broken });
    await change(agreement, id);
    const seconds: (number | undefined)[] = [];
    for (let round = 0; round < 8; round += 1) {
      const row = await firstRow<{ s: number }>(
        db,
        'SELECT round(extract(epoch FROM next_try_at - now()))::integer AS s FROM agreement_marks',
      );
      seconds.push(row?.s);
      await makeDue();
      await retryMarks(db, agreement);
    }
    expect(seconds).toEqual([20, 20, 40, 80, 160, 320, 640, 900]);
  });

  test('of what is not told any more tells nothing when it works again', async () => {
    const { id } = await recordedPaid(db);
    await change(agreementOf({ tell_customer: broken }), id);
    await makeDue();
    expect(await retryMarks(db, agreementOf(dependents.own_invoice))).toBe(1);
    expect(await told()).toEqual([]);
  });

  test('is left alone where a newer release has named it', async () => {
    const { id } = await recordedPaid(db);
    await change(agreementOf({ of_tomorrow: broken }), id);
    await makeDue();
    expect(await retryMarks(db, agreementOf(dependents.own_invoice))).toBe(0);
    expect(await waitingMarks(db)).toMatchObject([{ dependent: 'of_tomorrow', count: 1 }]);
  });

  test('in a change that is rolled back leaves nothing', async () => {
    const { id } = await recordedPaid(db);
    const died = db.transaction(async (trx) => {
      await sayingChanged(agreementOf({ other: broken }))(trx, { record: 'own_invoice', id });
      throw new Error('the process dies here');
    });
    await expect(died).rejects.toThrow('dies here');
    expect(await waitingMarks(db)).toEqual([]);
  });
});

test('who changes a record while its mark is being worked on leaves a mark of his own', async () => {
  const { id } = await recordedPaid(db);
  const agreement = agreementOf({ other: broken });
  await change(agreement, id);
  await makeDue();
  const { promise: goOn, resolve } = Promise.withResolvers<void>();
  let entered = false;
  const slow: Own = async () => {
    entered = true;
    await goOn;
  };
  const retrying = retryMarks(db, agreementOf({ other: slow }));
  await until(() => entered);
  const changing = change(agreement, id);
  await until(
    async () =>
      (await rows(db, `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
        .length > 0,
  );
  resolve();
  expect(await retrying).toBe(1);
  await changing;
  expect(await waitingMarks(db)).toMatchObject([{ dependent: 'other', count: 1 }]);
});

test('any number of workers share the marks', async () => {
  const ids = await Promise.all(Array.from({ length: 20 }, async () => (await recordedPaid(db)).id));
  for (const id of ids) await change(agreementOf({ tell_customer: broken }), id, 'paid');
  await makeDue();
  const agreement = agreementOf(dependents.own_invoice);
  const done = await Promise.all([1, 2, 3, 4].map(() => retryMarks(db, agreement)));
  expect(done.reduce((sum, count) => sum + count)).toBe(20);
  expect(await told()).toHaveLength(20);
});
