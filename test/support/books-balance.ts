import type Stripe from 'stripe';
import { expect } from 'vitest';
import type { Records } from './records.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';

/** The promise of the credit notes: what the documents of a payment come to is the money that was kept of it. */

export type PaymentBooks = {
  payment: string;
  /** The payment's own invoice; undefined when it has none. */
  invoice: Stripe.Invoice | undefined;
  /** Invoices that took a note back. */
  reversals: Stripe.Invoice[];
  notes: Stripe.CreditNote[];
  refunds: Stripe.Refund[];
  disputes: Stripe.Dispute[];
  /** Minor units: the charge and every later movement of its money, as Stripe booked them; without fees and what is still open. */
  kept: number;
};

export type BalanceOptions = {
  /** Refunds and disputes whose note stands although the money came back: a person keeps it, or has not decided yet. */
  standing?: readonly string[];
  /** Refunds whose note can't be issued, or not as a whole: the documents say more than was kept, and a person knows. */
  undocumented?: readonly string[];
};

const everything = { limit: 10_000 };

/** Everything that Stripe has about these payments, sorted by payment. */
export async function booksOf({ stripe }: SimulatedStripe, payments: readonly string[]): Promise<PaymentBooks[]> {
  const page = { limit: 100 };
  const [charges, refunds, disputes, invoices, notes, transactions, links] = await Promise.all([
    stripe.charges.list(page).autoPagingToArray(everything),
    stripe.refunds.list(page).autoPagingToArray(everything),
    stripe.disputes.list(page).autoPagingToArray(everything),
    stripe.invoices.list(page).autoPagingToArray(everything),
    stripe.creditNotes.list(page).autoPagingToArray(everything),
    stripe.balanceTransactions.list(page).autoPagingToArray(everything),
    stripe.invoicePayments.list({ ...page, status: 'paid' }).autoPagingToArray(everything),
  ]);
  const movements = groupBy(transactions, ({ source }) => idOf(source));
  const refundsOf = groupBy(refunds, (refund) => idOf(refund.payment_intent));
  const disputesOf = groupBy(disputes, (dispute) => idOf(dispute.payment_intent));
  const chargesOf = groupBy(charges, (charge) => idOf(charge.payment_intent));
  const notesOf = groupBy(notes, (note) => idOf(note.invoice));
  const ours = groupBy(
    invoices.filter(({ metadata, status }) => metadata?.made_by === 'quittance' && status !== 'void'),
    ({ metadata }) => metadata?.payment_intent ?? '',
  );
  const linked = new Map(links.map(({ payment, invoice }) => [idOf(payment.payment_intent), idOf(invoice)]));

  return payments.map((payment) => {
    const its = ours.get(payment) ?? [];
    const own = its.filter(({ metadata }) => !metadata?.reverses);
    expect(own.length, `invoices of ${payment}`).toBeLessThanOrEqual(1);
    const invoice = own[0] ?? invoices.find(({ id }) => id === linked.get(payment));
    const reversals = its.filter(({ metadata }) => metadata?.reverses);
    const over = [...(refundsOf.get(payment) ?? []), ...(disputesOf.get(payment) ?? [])].filter(isOver);
    const sources = [...(chargesOf.get(payment) ?? []), ...over].map(({ id }) => id);
    return {
      payment,
      invoice,
      reversals,
      notes: [...(invoice ? [invoice] : []), ...reversals].flatMap(({ id }) => notesOf.get(id) ?? []),
      refunds: refundsOf.get(payment) ?? [],
      disputes: disputesOf.get(payment) ?? [],
      kept: sum(sources.flatMap((source) => movements.get(source) ?? []).map(({ amount }) => amount)),
    };
  });
}

/**
 * For each invoiced payment: invoice total − notes + reversals = money kept; each note is for one refund or dispute, never
 * above its amount, never mailed, never moving money; and our own records say the same as Stripe.
 */
export async function expectBooksBalance(
  side: SimulatedStripe,
  records: Records,
  payments: readonly string[],
  { standing = [], undocumented = [] }: BalanceOptions = {},
): Promise<PaymentBooks[]> {
  const all = await booksOf(side, payments);
  for (const books of all) {
    const { payment, invoice, reversals, notes, refunds, disputes, kept } = books;
    if (!invoice) {
      expect(notes, payment).toEqual([]);
      continue;
    }
    const documented = invoice.total - sum(notes.map(({ total }) => total)) + sum(reversals.map(({ total }) => total));
    const stands = notes.filter((note) => standing.includes(adjustmentOf(note)));
    const owed = sum(stands.map(({ total }) => total));
    const isUndocumented = refunds.some(({ id }) => undocumented.includes(id));
    if (isUndocumented) expect(documented, tell(books)).toBeGreaterThan(kept);
    // A dispute can take more than was left after a refund: the documents end at nothing, not below.
    else expect(documented, tell(books)).toBe(Math.max(0, kept - owed));
    for (const { total, id } of [invoice, ...reversals]) {
      const its = notes.filter((note) => note.invoice === id && note.status !== 'void');
      expect(sum(its.map((note) => note.total))).toBeLessThanOrEqual(total);
    }
    for (const note of notes) {
      const cause = [...refunds, ...disputes].find(({ id }) => id === adjustmentOf(note));
      expect(cause, `the cause of ${note.number}`).toBeDefined();
      expect(note).toMatchObject({ status: 'issued', customer_balance_transaction: null, pre_payment_amount: 0 });
      expect(note.total).toBeLessThanOrEqual(cause?.amount ?? 0);
      const linked = sum(note.refunds.map(({ amount_refunded }) => amount_refunded ?? 0));
      expect(linked + (note.out_of_band_amount ?? 0), 'all of it is allocated').toBe(note.total);
    }
  }
  await expectSameRecords(all, records);
  await expectNothingMoved(side);
  return all;
}

const OVER = ['succeeded', 'failed', 'canceled', 'won', 'lost'];

function isOver({ status }: { status: string | null }): boolean {
  return OVER.includes(status ?? '');
}

async function expectSameRecords(all: readonly PaymentBooks[], records: Records): Promise<void> {
  const rows = await records.rows<{ stripe_credit_note: string; adjustment: string; number: string; amount: string }>(
    'select stripe_credit_note, adjustment, number, amount from credit_notes where payment_intent = any($1) and stripe_credit_note is not null',
    [all.map(({ payment }) => payment)],
  );
  const ours = rows.map((row) => `${row.stripe_credit_note} ${row.number} ${row.adjustment} ${row.amount}`);
  const theirs = all.flatMap(({ notes }) =>
    notes.map((note) => `${note.id} ${note.number} ${adjustmentOf(note)} ${note.total}`),
  );
  expect(
    ours.filter((row) => !theirs.includes(row)),
    'on record, but not at Stripe',
  ).toEqual([]);
  expect(
    theirs.filter((row) => !ours.includes(row)),
    'at Stripe, but not on record',
  ).toEqual([]);
  expect(ours, 'each once').toHaveLength(theirs.length);
}

/** Of all notes of ours that were asked for: none moves money or writes to a customer. */
async function expectNothingMoved(side: SimulatedStripe): Promise<void> {
  const creations = (await side.requests()).filter(
    ({ template, idempotency_key: key }) => template === '/v1/credit_notes' && key?.startsWith('quittance:'),
  );
  for (const { form } of creations) {
    expect(form).toMatchObject({ email_type: 'none' });
    expect(form).not.toHaveProperty('refund_amount');
    expect(form).not.toHaveProperty('credit_amount');
  }
}

/** For the message of a failure. */
function tell({ payment, invoice, reversals, notes, refunds, disputes, kept }: PaymentBooks): string {
  return JSON.stringify({
    payment,
    kept,
    invoice: invoice?.total,
    reversals: reversals.map(({ total, metadata }) => `${total} of ${metadata?.reverses}`),
    notes: notes.map((note) => `${note.id} ${note.total} for ${adjustmentOf(note)}`),
    taken: [...refunds, ...disputes].map(({ id, amount, status }) => `${id} ${amount} ${status}`),
  });
}

/** What the note is for: our mark, or the refund that a person linked. */
export function adjustmentOf(note: Stripe.CreditNote): string {
  return note.metadata?.adjustment ?? idOf(note.refunds[0]?.refund);
}

export function idOf(reference: string | { id: string } | null | undefined): string {
  return typeof reference === 'string' ? reference : (reference?.id ?? '');
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  return Map.groupBy(items, key);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, value) => total + value, 0);
}
