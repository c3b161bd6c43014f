import { describe, expect, test } from 'vitest';
import type { Changed, RecordKind } from '../../../src/billing/agreement/records.ts';
import { logPayment } from '../../../src/billing/own-invoices/payment-log.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { draftDeps } from '../../support/draft-deps.ts';
import { tellSystem } from '../../support/outbox.ts';
import { recordedIssued, recordedPaid } from '../../support/recorded-invoices.ts';

/** Who is told of what, by how long ago it was when it was seen for the first time. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());
await tellSystem(db, 'https://shop.example/');
const { changed } = draftDeps(db);

async function toldOf<R extends RecordKind>(change: Changed<R>): Promise<string[]> {
  await rows(db, 'TRUNCATE messages CASCADE');
  await db.transaction((trx) => changed(trx, change));
  return (await rows<{ kind: string }>(db, 'SELECT kind FROM messages ORDER BY kind')).map(({ kind }) => kind);
}
const backdate = (id: string, days: number) =>
  rows(
    db,
    `UPDATE invoices SET issued_at = issued_at - make_interval(days => :days),
            paid_at = paid_at - make_interval(days => :days), send_by_mail = true WHERE id = :id`,
    { id, days },
  );

describe('told after so many days', () => {
  test.each([
    [0, ['invoice_issued']],
    [6, ['invoice_issued']],
    [8, []],
  ])('%i: of an invoice that was issued, its customer: %j', async (days, kinds) => {
    const { id } = await recordedIssued(db);
    await backdate(id, days);
    expect(await toldOf({ record: 'own_invoice', id, turned: 'issued' })).toEqual(kinds);
  });

  test.each([
    [0, ['invoice.paid', 'receipt']],
    [29, ['invoice.paid', 'receipt']],
    [31, ['invoice.paid']],
    [399, ['invoice.paid']],
    [401, []],
  ])('%i: of one that was paid, customer and systems: %j', async (days, kinds) => {
    const { id } = await recordedPaid(db);
    await backdate(id, days);
    expect(await toldOf({ record: 'own_invoice', id, turned: 'paid' })).toEqual(kinds);
  });

  test.each([
    [0, 'failed', ['payment.failed', 'payment_failed']],
    [2, 'failed', ['payment.failed', 'payment_failed']],
    [4, 'failed', ['payment.failed']],
    [0, 'overtaken', ['payment.failed']],
  ] as const)('%i: of a try to pay that %s, customer and systems: %j', async (days, turned, kinds) => {
    const { id: invoice } = await recordedIssued(db);
    const at = new Date(Date.now() - days * 86_400_000);
    const key = `ch_${invoice}`;
    const id = await logPayment(db, { invoice, kind: 'attempt_failed', key, text: 'The card has expired.', at });
    expect(await toldOf({ record: 'payment_attempt', id: id ?? '', turned })).toEqual(kinds);
  });
});

test('who was told once is not told again, and of a change that is no news nobody is', async () => {
  const { id } = await recordedPaid(db);
  expect(await toldOf({ record: 'own_invoice', id })).toEqual([]);
  expect(await toldOf({ record: 'own_invoice', id, turned: 'paid' })).toEqual(['invoice.paid', 'receipt']);
  await db.transaction((trx) => changed(trx, { record: 'own_invoice', id, turned: 'paid' }));
  expect(await rows(db, 'SELECT FROM messages')).toHaveLength(2);
});

test('the receipt goes to the address of the payment page when the invoice has none, and says how it was paid', async () => {
  const { id } = await recordedPaid(db, { customer_email: undefined });
  expect(await toldOf({ record: 'own_invoice', id, turned: 'paid' })).toEqual(['invoice.paid']);
  await rows(db, `UPDATE invoices SET payer_email = 'payer@example.com', paid_method = 'by card' WHERE id = ?`, [id]);
  await toldOf({ record: 'own_invoice', id, turned: 'paid' });
  expect(await rows(db, `SELECT recipient, data FROM messages WHERE channel = 'mail'`)).toEqual([
    { recipient: 'payer@example.com', data: { invoice: id, method: 'by card' } },
  ]);
});
