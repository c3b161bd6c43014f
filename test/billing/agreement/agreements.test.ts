import type { Knex } from 'knex';
import { beforeEach, describe, expect, test } from 'vitest';
import { agreeing, LeftToNewerPolicy, policyIsAtWork } from '../../../src/billing/agreement/agreements.ts';
import { type Agreement, retryMarks, sayingChanged } from '../../../src/billing/agreement/bring-into-agreement.ts';
import { dependents } from '../../../src/billing/dependents.ts';
import { DEFAULT_POLICY } from '../../../src/billing/policy/policy.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { createLog } from '../../../src/platform/log.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';

/** Derived records that are changed by many at once. The one here: what a customer has spent, and by which policy it counts. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 20 });
releaseAfterFile(() => db.destroy());
await rows(db, 'CREATE TABLE spendings (customer text, amount integer)');
await rows(db, 'CREATE TABLE spent (customer text PRIMARY KEY, total integer, by text)');
await rows(db, 'CREATE TABLE versions (number bigint GENERATED ALWAYS AS IDENTITY, version bigint)');
await db.raw(`CREATE FUNCTION note_version() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO versions (version) VALUES (new.version); RETURN new; END $$`);
await rows(db, 'CREATE TRIGGER noted BEFORE UPDATE ON agreements FOR EACH ROW EXECUTE FUNCTION note_version()');
beforeEach(() => rows(db, 'TRUNCATE spendings, spent, versions, agreements, policies_at_work, agreement_marks'));

const customer = 'cus_1';

/** A process that decides by this policy. */
function processOf(policy: string): Agreement {
  return {
    dependents: {
      ...dependents,
      own_invoice: {
        spent: async (trx, { id }) => {
          await agreeing(trx, { dependent: 'spent', subject: id }, policy, () => sumUp(trx, id, policy));
        },
      },
    },
    log: createLog('error'),
    timeZone: 'UTC',
    policy,
    rules: DEFAULT_POLICY,
  };
}

async function sumUp(trx: Knex.Transaction, id: string, policy: string) {
  const row = await firstRow<{ total: number }>(
    trx,
    'SELECT coalesce(sum(amount), 0)::integer AS total FROM spendings WHERE customer = ?',
    [id],
  );
  const content = { total: row?.total ?? 0, by: policy };
  await rows(
    trx,
    `INSERT INTO spent (customer, total, by) VALUES (:id, :total, :by)
     ON CONFLICT (customer) DO UPDATE SET total = excluded.total, by = excluded.by`,
    { id, ...content },
  );
  return content;
}

async function purchase(agreement: Agreement, amount: number): Promise<void> {
  await db.transaction(async (trx) => {
    await rows(trx, 'INSERT INTO spendings (customer, amount) VALUES (?, ?)', [customer, amount]);
    await sayingChanged(agreement)(trx, { record: 'own_invoice', id: customer });
  });
}
const spent = () => firstRow<{ total: number; by: string }>(db, 'SELECT total, by FROM spent');
const versions = async () =>
  (await rows<{ version: number }>(db, 'SELECT version FROM versions ORDER BY number')).map(({ version }) => version);
const makeDue = () => rows(db, 'UPDATE agreement_marks SET next_try_at = now()');
const only = (list: readonly number[]) => list.every((each, place) => place === 0 || each >= (list[place - 1] ?? 0));

describe('50 parallel changes of one customer', () => {
  test('end in the right state, with a version that only grows', async () => {
    await policyIsAtWork(db, 'a');
    await Promise.all(Array.from({ length: 50 }, (_, place) => purchase(processOf('a'), place)));
    expect(await spent()).toEqual({ total: (49 * 50) / 2, by: 'a' });
    const grown = await versions();
    expect(grown).toHaveLength(50);
    expect(only(grown)).toBe(true);
    // The purchase of nothing changes the content only if it is the first.
    expect([49, 50]).toContain(grown.at(-1));
    expect(await rows(db, 'SELECT FROM agreement_marks')).toEqual([]);
  });

  test('and a change that changes nothing leaves the version', async () => {
    await policyIsAtWork(db, 'a');
    await purchase(processOf('a'), 5);
    for (let round = 0; round < 3; round += 1) await purchase(processOf('a'), 0);
    expect(await versions()).toEqual([1, 1, 1, 1]);
  });
});

describe('two policies side by side', () => {
  test('the newer decides, whoever comes last; the older leaves marks', async () => {
    await policyIsAtWork(db, 'old');
    await policyIsAtWork(db, 'new');
    const [old, young] = [processOf('old'), processOf('new')];
    await Promise.all(Array.from({ length: 50 }, (_, place) => purchase(place % 2 ? old : young, 1)));
    await purchase(old, 1);
    expect((await spent())?.by).toBe('new');
    await makeDue();
    // It is not for the older to work off what it has left.
    expect(await retryMarks(db, old)).toBe(0);
    await makeDue();
    await retryMarks(db, young);
    expect(await spent()).toEqual({ total: 51, by: 'new' });
    expect(only(await versions())).toBe(true);
    expect(await rows(db, 'SELECT FROM agreement_marks')).toEqual([]);
  });

  test('a policy that was taken back counts no more a minute after its last process has ended', async () => {
    await policyIsAtWork(db, 'old');
    await policyIsAtWork(db, 'new');
    await purchase(processOf('new'), 1);
    await purchase(processOf('old'), 1);
    expect(await spent()).toEqual({ total: 1, by: 'new' });
    await rows(db, `UPDATE policies_at_work SET seen_at = now() - interval '61 seconds' WHERE policy = 'new'`);
    await makeDue();
    expect(await retryMarks(db, processOf('old'))).toBe(1);
    expect(await spent()).toEqual({ total: 2, by: 'old' });
  });

  test('a process that comes up again does not count as newer', async () => {
    await policyIsAtWork(db, 'old');
    await policyIsAtWork(db, 'new');
    await policyIsAtWork(db, 'old');
    const deciding = db.transaction((trx) =>
      agreeing(trx, { dependent: 'spent', subject: customer }, 'old', async () => 1),
    );
    await expect(deciding).rejects.toThrow(LeftToNewerPolicy);
  });
});
