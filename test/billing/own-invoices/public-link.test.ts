import { describe, expect, test, vi } from 'vitest';
import { idInToken, isTokenOf, tokenOf } from '../../../src/billing/own-invoices/public-link.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const invoice = { id: 'inv_0123456789abcdef', link_version: 1 };

/** What a process that starts now would sign. */
async function newcomer(): Promise<typeof import('../../../src/billing/own-invoices/public-link.ts')> {
  vi.resetModules();
  return import('../../../src/billing/own-invoices/public-link.ts');
}

describe('the secret of public links', () => {
  test('is there before anybody signs, long and kept', async () => {
    const secret = await firstRow<{ value: string }>(db, `SELECT value FROM app_secrets WHERE name = 'public_links'`);
    expect(Buffer.from(secret?.value ?? '', 'base64')).toHaveLength(32);
    expect(await (await newcomer()).tokenOf(db, invoice)).toBe(await (await newcomer()).tokenOf(db, invoice));
  });

  test('is not made in the transaction of a caller, whose rollback would leave a link that nobody else takes', async () => {
    const early = await newcomer();
    let token = '';
    let writes: unknown;
    await db
      .transaction(async (trx) => {
        token = await early.tokenOf(trx, invoice);
        [writes] = await rows(trx, 'SELECT pg_current_xact_id_if_assigned() AS id');
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect(writes).toEqual({ id: null });
    expect(await early.tokenOf(db, invoice)).toBe(token);
    expect(await (await newcomer()).isTokenOf(db, token, invoice)).toBe(true);
  });

  test('that could not be read once is read again', async () => {
    const { tokenOf: sign } = await newcomer();
    const aborted = db.transaction(async (trx) => {
      await rows(trx, 'SELECT 1/0').catch(() => undefined);
      return sign(trx, invoice);
    });
    await expect(aborted).rejects.toThrow('current transaction is aborted');
    expect(await sign(db, invoice)).toMatch(/^[a-z0-9]{16}[\w-]{22}$/);
  });
});

test('a token is of one invoice in one version', async () => {
  const token = await tokenOf(db, invoice);
  expect(idInToken(token)).toBe(invoice.id);
  expect(await isTokenOf(db, token, invoice)).toBe(true);
  expect(await isTokenOf(db, token, { ...invoice, link_version: 2 })).toBe(false);
  expect(await isTokenOf(db, token, { ...invoice, id: 'inv_0123456789abcdeg' })).toBe(false);
});
