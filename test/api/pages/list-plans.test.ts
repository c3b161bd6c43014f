import pg from 'pg';
import { expect, test } from 'vitest';
import { pageOfMessages } from '../../../src/api/console/records/message-records.ts';
import { overviewFigures } from '../../../src/api/console/records/overview-figures.ts';
import { pageOfReviews, reviewsOfInvoice } from '../../../src/api/console/records/review-records.ts';
import { presentList } from '../../../src/api/v1/present-invoice.ts';
import { liveOfProduct } from '../../../src/billing/checkouts/reference-subscriptions.ts';
import { invoicesOfReference, paymentsOfReference } from '../../../src/billing/managing/money-of-reference.ts';
import { pageOfInvoices } from '../../../src/billing/own-invoices/invoice-list.ts';
import { tracePayment } from '../../../src/billing/payment-trace.ts';
import { DEFAULT_POLICY } from '../../../src/billing/policy/policy.ts';
import { knownTypes } from '../../../src/billing/stripe-events.ts';
import { pageOfSubscriptions } from '../../../src/billing/subscriptions/subscription-list.ts';
import { connect, rows } from '../../../src/platform/db.ts';
import { takeUp } from '../../../src/stripe/inbox/events.ts';
import { unfinishedEvents } from '../../../src/stripe/inbox/unfinished-events.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { freshDatabase } from '../../support/database.ts';
import { draftDeps } from '../../support/draft-deps.ts';

/** What grows is read through an index that has the order of the page: no plan reads a table, or sorts one. */
const { url } = await freshDatabase();
const db = connect(url, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());

const id = 'inv_0000000000000001';
const message = '00000000-0000-4000-8000-000000000001';
await rows(
  db,
  `INSERT INTO invoices (id, series, customer_name, currency, created_by) VALUES (?, '2026', 'x', 'eur', 'test')`,
  [id],
);
await rows(
  db,
  `INSERT INTO messages (id, dedupe_key, channel, kind, recipient, data) VALUES (?, 'x', 'mail', 'receipt', 'x@example.com', '{}')`,
  [message],
);
await rows(
  db,
  `INSERT INTO review_items (id, kind, subject, summary, state, closed_at) OVERRIDING SYSTEM VALUE
   VALUES (1, 'x', 'evt_1', 'x', 'resolved', now()), (2, 'x', 'evt_1', 'x', 'open', NULL)`,
);
await rows(db, `INSERT INTO payments (payment_intent, livemode) VALUES ('pi_1', false)`);

const today = '2026-11-26';

type Case = readonly [what: string, index: string, read: () => Promise<unknown>];

const lists: readonly Case[] = [
  ['own invoices', 'invoices_in_order', () => pageOfInvoices(db, {}, { limit: 2 }, today)],
  ['own invoices, on', 'invoices_in_order', () => pageOfInvoices(db, {}, { limit: 2, after: id }, today)],
  ['own invoices, back', 'invoices_in_order', () => pageOfInvoices(db, {}, { limit: 2, before: id }, today)],
  [
    'paid ones',
    'invoices_of_status_in_order',
    () => pageOfInvoices(db, { status: 'paid' }, { limit: 2, after: id }, today),
  ],
  ['overdue ones', 'invoices_of_status_in_order', () => pageOfInvoices(db, { status: 'overdue' }, { limit: 2 }, today)],
  ['messages', 'messages_in_order', () => pageOfMessages(db, undefined, { limit: 2, after: message })],
  ['messages given up', 'messages_of_state_in_order', () => pageOfMessages(db, 'dead', { limit: 2, after: message })],
  ['open questions', 'review_items_open_in_order', () => pageOfReviews(db, 'open', { limit: 2, after: '2' })],
  ['answered questions', 'review_items_closed_in_order', () => pageOfReviews(db, 'closed', { limit: 2, before: '1' })],
  ['events that wait', 'stripe_events_unfinished', () => unfinishedEvents(db)],
];

test.each(lists)('the list of %s is read in its order from %s', async (_what, index, read) => {
  const plan = (await plansOf(read, ['enable_bitmapscan'])).find((lines) =>
    lines.some((line) => /^Limit|Limit$/.test(line)),
  );
  expect(plan?.filter((line) => /Sort|Seq Scan/.test(line))).toEqual([]);
  expect(plan?.filter((line) => /Scan/.test(line)).join()).toContain(` using ${index} on `);
});

const ofReference = (page: typeof pageOfSubscriptions) => page(db, { reference: 'user-1' }, { limit: 2 });

const noneHeld = { held: async () => [] };

const lookUps: readonly Case[] = [
  ['questions about an invoice', 'review_items_of_invoice', () => reviewsOfInvoice(db, id)],
  ['questions about a payment', 'review_items_of_subject', () => tracePayment(db, 'pi_1')],
  [
    'parts of names and numbers',
    'invoices_searched',
    () => pageOfInvoices(db, { search: 'barbara' }, { limit: 2 }, today),
  ],
  [
    'counts of the overview',
    'messages_of_state_in_order',
    () => overviewFigures(db, noneHeld, today, DEFAULT_POLICY.recovery),
  ],
  ['events after the end', 'payments_by_charge', () => takeUp(db, 'evt_1', 'w', knownTypes)],
  ['counts of the overview', 'review_items_open_', () => overviewFigures(db, noneHeld, today, DEFAULT_POLICY.recovery)],
  ['subscriptions that say whose they are', 'subscriptions_by_said_reference', () => ofReference(pageOfSubscriptions)],
  ['subscriptions of customers', 'customers_by_reference', () => ofReference(pageOfSubscriptions)],
  ['invoices of somebody', 'subscription_invoices_of', () => invoicesOfReference(db, 'user-1', { limit: 2 })],
  ['payments of somebody', 'payments_once', () => paymentsOfReference(db, 'user-1', { limit: 2 })],
  ['what was sold to somebody', 'subscriptions_by_our_reference', () => liveOfProduct(db, 'user-1', 'prod_1')],
];

test.each(lookUps)('%s are found in %s', async (_what, index, read) => {
  const plans = await plansOf(read, ['enable_indexscan']);
  const plan = plans.find((lines) => lines.some((line) => line.includes(` ${index}`)));
  expect(plan, plans.flat().join('\n')).toBeDefined();
  expect(plan?.filter((line) => /Scan/.test(line)).join()).not.toMatch(/Seq Scan/);
});

test('a page of invoices takes as many statements for three as for one', async () => {
  const shown = async (limit: number) => {
    const page = await pageOfInvoices(db, {}, { limit }, today);
    await presentList(page?.rows ?? [], { ...draftDeps(db), publicUrl: 'http://127.0.0.1' });
  };
  for (const n of [2, 3])
    await rows(
      db,
      `WITH invoice AS (
         INSERT INTO invoices (id, series, customer_name, currency, created_by) VALUES (?, '2026', 'x', 'eur', 'test') RETURNING id)
       INSERT INTO invoice_lines (invoice, position, description, quantity, unit_amount) SELECT id, 0, 'x', 1, 100 FROM invoice`,
      [`inv_000000000000000${n}`],
    );
  const statements = async (limit: number) => (await plansOf(() => shown(limit), [])).length;
  expect([await statements(1), await statements(3)]).toEqual([3, 3]);
});

/** As Postgres would read, had it much to read: so small a table it reads as a whole unless told not to. */
async function plansOf(read: () => Promise<unknown>, without: readonly string[]): Promise<string[][]> {
  const asked: Asked[] = [];
  const listen = (query: Asked) => asked.push(query);
  db.on('query', listen);
  await read();
  db.removeListener('query', listen);
  const plans: string[][] = [];
  for (const { sql, bindings } of asked) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const setting of ['enable_seqscan', ...without]) await client.query(`SET ${setting} = off`);
    const { rows: lines } = await client.query(`EXPLAIN (COSTS OFF) ${sql}`, [...bindings]);
    await client.end();
    plans.push(lines.map((line) => String(line['QUERY PLAN'])));
  }
  return plans;
}

type Asked = { sql: string; bindings: readonly unknown[] };
