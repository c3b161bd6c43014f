import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { Deps } from '../deps/deps.ts';
import { LEASE_HELD, leaseBindings, leaseLost, type PaymentLease } from '../payments/payment-lease.ts';
import type { PaymentRef } from '../payments/payment-row.ts';

/** The table `credit_notes`: the claim of one refund or lost dispute on its one note. */
export interface CreditNoteRow {
  readonly id: number;
  /** re_… or du_… */
  readonly adjustment: string;
  readonly account: string;
  readonly payment_intent: string;
  readonly stripe_invoice: string;
  /** Minor units, tax included. */
  readonly amount: number;
  readonly currency: string;
  readonly allocation: 'out_of_band' | 'refund';
  readonly key_version: number;
  readonly split: Readonly<Record<string, number>> | null;
  readonly stripe_credit_note: string | null;
  readonly number: string | null;
  readonly reversed_by: string | null;
}

const COLUMNS = `id, adjustment, account, payment_intent, stripe_invoice, amount, currency, allocation, key_version, split,
  stripe_credit_note, number, reversed_by`;

export async function notesOfPayment(db: Db, { account, paymentIntent }: PaymentRef): Promise<CreditNoteRow[]> {
  return rows<CreditNoteRow>(
    db,
    `SELECT ${COLUMNS} FROM credit_notes WHERE account = ? AND payment_intent = ? ORDER BY id`,
    [account, paymentIntent],
  );
}

export async function noteById(db: Db, stripeCreditNote: string): Promise<CreditNoteRow | undefined> {
  return firstRow<CreditNoteRow>(db, `SELECT ${COLUMNS} FROM credit_notes WHERE stripe_credit_note = ?`, [
    stripeCreditNote,
  ]);
}

export interface NewNote {
  readonly adjustment: string;
  readonly invoice: string;
  readonly amount: number;
  readonly currency: string;
  readonly allocation: CreditNoteRow['allocation'];
}

/** Claims the note. A claim that is there already is brought up to date, unless its note was issued: that is final. */
export async function claimNote(db: Db, lease: PaymentLease, note: NewNote): Promise<CreditNoteRow> {
  await rows(
    db,
    `INSERT INTO credit_notes (adjustment, account, payment_intent, stripe_invoice, amount, currency, allocation)
     SELECT :adjustment, :account, :intent, :invoice, :amount, :currency, :allocation WHERE ${LEASE_HELD}
     ON CONFLICT ON CONSTRAINT credit_notes_once DO UPDATE SET
       stripe_invoice = excluded.stripe_invoice, amount = excluded.amount, currency = excluded.currency,
       allocation = excluded.allocation
       WHERE credit_notes.stripe_credit_note IS NULL`,
    { ...leaseBindings(lease), ...note },
  );
  const row = await firstRow<CreditNoteRow>(db, `SELECT ${COLUMNS} FROM credit_notes WHERE adjustment = ?`, [
    note.adjustment,
  ]);
  return row ?? leaseLost(lease);
}

/** Gives up the claim of a note that was never issued. */
export async function releaseNote(db: Db, lease: PaymentLease, row: CreditNoteRow): Promise<void> {
  await rows(db, `DELETE FROM credit_notes WHERE id = :row AND stripe_credit_note IS NULL AND ${LEASE_HELD}`, {
    ...leaseBindings(lease),
    row: row.id,
  });
}

export async function raiseKeyVersion(db: Db, lease: PaymentLease, row: CreditNoteRow): Promise<void> {
  await update(db, lease, row, 'key_version = key_version + 1', {});
}

/** How the amount will be spread, noted before the note is created: the note after this one must know. */
export async function noteSplit(
  db: Db,
  lease: PaymentLease,
  row: CreditNoteRow,
  split: CreditNoteRow['split'],
): Promise<CreditNoteRow> {
  return update(db, lease, row, 'split = :split', { split: split ? JSON.stringify(split) : null });
}

export async function recordIssued(
  { db, changed }: Pick<Deps, 'db' | 'changed'>,
  lease: PaymentLease,
  row: CreditNoteRow,
  note: Pick<Stripe.CreditNote, 'id' | 'number' | 'pdf'>,
): Promise<CreditNoteRow> {
  return db.transaction(async (trx) => {
    const assignments = 'stripe_credit_note = :note, number = :number, pdf = :pdf, issued_at = now()';
    const issued = await update(trx, lease, row, assignments, { note: note.id, number: note.number, pdf: note.pdf });
    await changed(trx, { record: 'credit_note', id: String(issued.id), turned: 'issued' });
    return issued;
  });
}

export async function recordReversed(
  db: Db,
  lease: PaymentLease,
  row: CreditNoteRow,
  invoice: string | null,
): Promise<CreditNoteRow> {
  return update(db, lease, row, 'reversed_by = :invoice', { invoice });
}

async function update(
  db: Db | Knex.Transaction,
  lease: PaymentLease,
  row: CreditNoteRow,
  assignments: string,
  values: Record<string, string | number | null>,
): Promise<CreditNoteRow> {
  const written = await firstRow<CreditNoteRow>(
    db,
    `UPDATE credit_notes SET ${assignments} WHERE id = :row AND ${LEASE_HELD} RETURNING ${COLUMNS}`,
    { ...leaseBindings(lease), ...values, row: row.id },
  );
  return written ?? leaseLost(lease);
}
