import { expect, test } from 'vitest';
import { findInvoice } from '../../src/billing/own-invoices/invoices.ts';
import { rows } from '../../src/platform/db.ts';
import { type BillingUnderTest, billingUnderTest } from '../support/billing-deps.ts';
import { answerOf } from '../support/command.ts';
import { ownInvoices } from '../support/own-invoices.ts';
import { buy, payDirectly } from '../support/purchases.ts';
import { dispute, moveDispute, moveRefund, refund } from '../support/taken-back.ts';

/**
 * What older objects do while our endpoint is away, with their events lost for good. One backfill since the day of the outage
 * brings all of it into agreement, whether it learns of it from Stripe's events or from what our tables hold as open.
 */
interface Older {
  readonly what: string;
  /** Before the outage. @returns how it goes on while nobody listens, and the payment */
  begin(world: BillingUnderTest): Promise<{ payment: string; meanwhile(): Promise<unknown> }>;
  /** What there must be in the end, beside what was there before. */
  readonly documents: { readonly invoices: number; readonly notes: number };
}

const nothing = async (): Promise<void> => {};
const older: readonly Older[] = [
  {
    what: 'a debit that succeeded',
    begin: async ({ side }) => ({ payment: await buy(side, {}, { choice: 'debit' }), meanwhile: nothing }),
    documents: { invoices: 1, notes: 0 },
  },
  {
    what: 'an authorisation that was captured',
    begin: async ({ side }) => {
      const payment = await payDirectly(side, { capture_method: 'manual' });
      return { payment, meanwhile: () => side.stripe.paymentIntents.capture(payment) };
    },
    documents: { invoices: 1, notes: 0 },
  },
  {
    what: 'a dispute that was lost',
    begin: async ({ side }) => {
      const payment = await payDirectly(side);
      const id = await dispute(side, payment);
      return { payment, meanwhile: () => moveDispute(side, id, 'under_review', 'lost') };
    },
    documents: { invoices: 1, notes: 1 },
  },
  {
    what: 'a pending refund that succeeded',
    begin: async ({ side }) => {
      const payment = await payDirectly(side, { payment_method: 'pm_card_pendingRefund' });
      const id = await refund(side, payment, { amount: 1_000 });
      return { payment, meanwhile: () => moveRefund(side, id, 'succeeded') };
    },
    documents: { invoices: 1, notes: 1 },
  },
  {
    what: 'an own invoice whose debit succeeded',
    begin: async (world) => {
      const own = ownInvoices(world);
      const session = await own.opened(await own.issued());
      await own.pay(session, 'debit');
      return { payment: await own.intentOf(session), meanwhile: nothing };
    },
    documents: { invoices: 1, notes: 0 },
  },
];

const DAY = 86_400;
/** Days after the beginning on which the endpoint went away. */
const OUTAGE = 2;

const dayAfter = (days: number) => new Date(Date.now() + days * DAY * 1000).toISOString().slice(0, 10);

test.each<[string, { known: boolean; eventsGone: boolean }]>([
  ['from what our tables hold as open, when Stripe has its events no more', { known: true, eventsGone: true }],
  [
    'from the events that Stripe still has, when we had never heard of the payment',
    { known: false, eventsGone: false },
  ],
])(
  'one backfill learns of it %s; a second one changes nothing',
  async (_how, { known, eventsGone }) => {
    const world = await billingUnderTest();
    const { side, settings, deps } = world;
    const begun = [];
    for (const each of older) begun.push({ ...each, ...(await each.begin(world)) });
    if (known) await answerOf(['backfill', '--since', dayAfter(0)], settings);
    await pass(4);
    for (const { meanwhile } of begun) await meanwhile();
    await pass(1);
    if (eventsGone) await pass(31);

    const command = ['backfill', '--since', dayAfter(OUTAGE)];
    const before = await made();
    const dry = await answerOf([...command, '--dry-run'], settings);
    expect(await made(), 'a dry run makes nothing').toBe(before);
    const real = await answerOf(command, settings);
    for (const { what, payment, documents } of begun) {
      expect(await documentsOf(payment), what).toEqual(documents);
    }
    const promised = Number(/^(\d+) documents would be created/m.exec(dry)?.[1]);
    const confirmed = [...dry.matchAll(/^would create: payment of own invoice/gm)].length;
    expect(real).toContain(` ${promised - confirmed} documents created, 0 failed.`);
    expect((await findInvoice(deps.db, await ownInvoice()))?.status).toBe('paid');

    const state = await everything();
    await side.forgetRequests();
    expect(await answerOf(command, settings)).toContain(' 0 documents created, 0 failed.');
    expect(await answerOf([...command, '--dry-run'], settings)).toMatch(/^0 documents would be created/);
    expect(await everything()).toEqual(state);
    const writes = (await side.requests()).filter(({ method, executed }) => method !== 'GET' && executed);
    expect(writes).toEqual([]);

    async function pass(days: number): Promise<void> {
      await side.control('POST', '/_sim/clock/advance', { seconds: days * DAY });
    }

    async function documentsOf(payment: string): Promise<Older['documents']> {
      const [found] = await rows<Older['documents']>(
        deps.db,
        `SELECT (SELECT count(*) FROM payment_invoices WHERE payment_intent = :payment AND step = 'paid') AS invoices,
              (SELECT count(*) FROM credit_notes WHERE payment_intent = :payment AND issued_at IS NOT NULL) AS notes`,
        { payment },
      );
      return found ?? { invoices: 0, notes: 0 };
    }

    async function made(): Promise<string> {
      const [invoices, notes] = await Promise.all([side.stripe.invoices.list(), side.stripe.creditNotes.list()]);
      return JSON.stringify([invoices.data.length, notes.data.length, await everything()]);
    }

    async function ownInvoice(): Promise<string> {
      const [row] = await rows<{ id: string }>(deps.db, 'SELECT id FROM invoices');
      return row?.id ?? '';
    }

    /** What is recorded, but for the times of the last look. */
    async function everything(): Promise<unknown> {
      const tables = ['payments', 'payment_invoices', 'adjustments', 'credit_notes', 'checkout_attempts', 'invoices'];
      const found: unknown[] = [];
      for (const table of [...tables, 'payment_log', 'review_items', 'messages']) {
        const sql = `SELECT to_jsonb(t) - 'updated_at' - 'lease_since' - 'tried_at' AS row FROM ${table} t ORDER BY 1`;
        found.push(...(await rows(deps.db, sql)));
      }
      return found;
    }
  },
  300_000,
);
