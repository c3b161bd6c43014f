import { expect, test } from 'vitest';
import { up as sumInvoices } from '../../db/migrations/0013_invoice_sums.ts';
import { up as orderLists } from '../../db/migrations/0014_lists_by_key.ts';
import { invoiceSums } from '../../src/billing/own-invoices/invoice-sums.ts';
import { markPaid, markVoid } from '../../src/billing/own-invoices/invoices.ts';
import { issueInvoice } from '../../src/billing/own-invoices/manage-invoice.ts';
import { connect, rows } from '../../src/platform/db.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { createDraft } from '../support/created-drafts.ts';
import { freshDatabase } from '../support/database.ts';
import { draftDeps } from '../support/draft-deps.ts';

/** Migrations that find something, or that were interrupted. */
const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());

test('own invoices that were issued before sums were kept are among them', async () => {
  await db.raw(`DROP TABLE invoice_sums; DROP FUNCTION note_invoice_sums CASCADE;
    DROP FUNCTION note_invoice_sum; DROP FUNCTION due_without_extras`);
  const issued = async (due_date: string) => {
    const lines = [
      { description: 'x', unit_amount: 1_000, quantity: 3, tax_percent: '7.7' },
      { description: 'y', unit_amount: 500, optional: true },
    ];
    const { id } = await createDraft({ customer_name: 'x', currency: 'eur', due_date, lines }, 'test', draftDeps(db));
    await issueInvoice(id, { mail: false }, 'test', draftDeps(db));
    return id;
  };
  await issued('2020-01-01');
  await issued('2020-01-02');
  const [paid, isVoid] = [await issued('2099-01-01'), await issued('2099-01-01')];
  await db.transaction(async (trx) => {
    await markPaid(trx, paid, { paymentIntent: 'pi_1', amount: 3_731, extras: [], paidAt: new Date() });
    await markVoid(trx, isVoid);
  });
  await db.transaction(sumInvoices);
  const before = [
    { currency: 'eur', state: 'overdue', count: 2, amount: 2n * 3_231n },
    { currency: 'eur', state: 'paid', count: 1, amount: 3_731n },
  ];
  expect(await invoiceSums(db, '2026-11-26')).toEqual(before);
  await issued('2099-01-01');
  expect(await invoiceSums(db, '2026-11-26')).toEqual([
    ...before,
    { currency: 'eur', state: 'unpaid', count: 1, amount: 3_231n },
  ]);
});

test('the indexes of lists are built anew where their migration was interrupted', async () => {
  const indexes = () =>
    rows(
      db,
      `SELECT c.relname, i.indisvalid, pg_get_indexdef(c.oid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indrelid IN ('invoices'::regclass, 'messages'::regclass, 'review_items'::regclass) ORDER BY 1`,
    );
  const whole = await indexes();
  await db.raw(`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'invoices_in_order'::regclass`);
  await db.raw('DROP INDEX messages_in_order, review_items_closed_in_order');
  await orderLists(db);
  expect(await indexes()).toEqual(whole);
});

test('an api of the release before, which sends the body as json and logs what it accepted, goes on storing', async () => {
  const body = '{"id":"evt_old", "object":"event"}';
  await db.raw(
    `WITH incoming (id, type, livemode, created, payload) AS (VALUES ('evt_old', 'x', false, now(), ?::json)),
     stored AS (
       INSERT INTO stripe_events (id, type, livemode, created, payload, queue)
       SELECT id, type, livemode, created, payload, 'invoicing' FROM incoming ON CONFLICT (id) DO NOTHING RETURNING id)
     INSERT INTO webhook_deliveries (verdict, event_id) SELECT 'accepted', id FROM stored`,
    [body],
  );
  expect(await rows(db, `SELECT payload FROM stripe_events WHERE id = 'evt_old'`)).toEqual([{ payload: body }]);
  const requests = await rows(db, `SELECT verdict FROM webhook_requests WHERE event_id = 'evt_old'`);
  expect(requests, 'it stands in the log once').toEqual([{ verdict: 'accepted' }]);
});
