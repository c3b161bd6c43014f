import type { Knex } from 'knex';
import type Stripe from 'stripe';
import { type Bindings, type Db, firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { confirming } from '../../platform/lease.ts';
import type { DocumentOfPayment } from '../../stripe/our-documents.ts';
import type { Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import type { MoneyArrival } from '../payments/money-arrival.ts';
import { LEASE_HELD, leaseBindings, leaseLost, type PaymentLease, refOf } from '../payments/payment-lease.ts';
import type { PaymentRef } from '../payments/payment-row.ts';
import { VERDICT_WRITTEN, verdictBindings } from '../payments/payments.ts';
import type { Verdict } from '../payments/verdict.ts';
import { askAboutSecondPayment } from './second-payment.ts';

/** The table `payment_invoices`: the claim of a payment on its one Stripe invoice, and the steps it has come. */
export type Step = 'claimed' | 'drafted' | 'lined' | 'finalized' | 'paid';
export type BillTo = 'buyer' | 'guest' | 'stand_in';
/** `second_payment`: its customer has paid it at Stripe, on top of the payment that it documents. */
export type Settlement = 'out_of_band' | 'attached' | 'second_payment';

export interface Claim {
  readonly id: number;
  readonly account: string;
  readonly payment_intent: string;
  /** The credit note that this invoice takes back; null for the invoice of the payment itself. */
  readonly reverses: string | null;
  readonly step: Step;
  readonly key_version: number;
  readonly bill_to: BillTo;
  readonly customer: string | null;
  readonly stripe_invoice: string | null;
  readonly number: string | null;
  readonly currency: string;
  /** Minor units: what the invoice must come to. */
  readonly total: number;
  readonly settlement: Settlement | null;
  readonly claimed_at: Date;
  readonly tried_at: Date | null;
}

export const CLAIM_COLUMNS = `id, payment_invoices.account, payment_invoices.payment_intent, reverses, step, key_version, bill_to, customer, stripe_invoice, number, currency, total,
  settlement, claimed_at, tried_at`;

/** @param reverses a credit note, to find the invoice that takes it back instead of the payment's own */
export async function findClaim(
  db: Db | Knex.Transaction,
  { account, paymentIntent }: PaymentRef,
  reverses: string | null = null,
): Promise<Claim | undefined> {
  return firstRow<Claim>(
    db,
    `SELECT ${CLAIM_COLUMNS} FROM payment_invoices
     WHERE account = ? AND payment_intent = ? AND reverses IS NOT DISTINCT FROM ?`,
    [account, paymentIntent, reverses],
  );
}

export interface NewClaim {
  readonly billTo: BillTo;
  readonly total: number;
  readonly currency: string;
  readonly reverses?: string;
}

/** Claims the payment; a claim that is already there is returned as it is. */
export async function claimPayment(db: Db | Knex.Transaction, lease: PaymentLease, claim: NewClaim): Promise<Claim> {
  const { reverses = null, ...fields } = claim;
  const made = await confirming(lease, () =>
    firstRow<Claim>(
      db,
      `INSERT INTO payment_invoices (account, payment_intent, reverses, bill_to, total, currency)
       SELECT :account, :intent, :reverses, :billTo, :total, :currency
       WHERE ${LEASE_HELD}
       ON CONFLICT ON CONSTRAINT payment_invoices_once DO NOTHING RETURNING ${CLAIM_COLUMNS}`,
      { ...leaseBindings(lease), ...fields, reverses },
    ),
  );
  return made ?? (await findClaim(db, refOf(lease), claim.reverses)) ?? leaseLost(lease);
}

/** The first claim of a payment, with the verdict that leads to it. */
export interface FirstClaim {
  readonly payment: Payment;
  readonly verdict: Verdict;
  readonly arrival: MoneyArrival;
  readonly billTo: BillTo;
  /** Whom to bill, where that is somebody who is there already. */
  readonly billed: string | undefined;
  /** Minor units. */
  readonly total: number;
  /** Nothing can have been made for it before, and its writes to Stripe begin now (`beginTrying`). */
  readonly begins: boolean;
}

/** Verdict and claim are one statement. @throws BusyError when the lease is lost, or there is a claim */
export async function claimFirst(db: Db | Knex.Transaction, lease: PaymentLease, first: FirstClaim): Promise<Claim> {
  const { payment, verdict, arrival, billTo, billed = null, total, begins } = first;
  const made = await confirming(lease, () =>
    firstRow<Claim>(
      db,
      `WITH decided AS (${VERDICT_WRITTEN})
       INSERT INTO payment_invoices (account, payment_intent, bill_to, customer, total, currency, tried_at)
       SELECT account, payment_intent, :billTo, :billed, :total, :currency, CASE WHEN :begins THEN now() END FROM decided
       ON CONFLICT ON CONSTRAINT payment_invoices_once DO NOTHING RETURNING ${CLAIM_COLUMNS}`,
      { ...verdictBindings(lease, payment, verdict, arrival), billTo, billed, total, begins },
    ),
  );
  return made ?? leaseLost(lease);
}

/** What may change along the way. */
type ClaimChange = Partial<
  Pick<Claim, 'step' | 'key_version' | 'bill_to' | 'customer' | 'stripe_invoice' | 'number' | 'settlement'>
> & { readonly hosted_invoice_url?: string | null; readonly invoice_pdf?: string | null };

/**
 * Stores how far the claim has come, before anything else is done at Stripe. Refused when the lease is lost. Entering a
 * step notes its time.
 */
export async function advance(db: Db, lease: PaymentLease, claim: Claim, change: ClaimChange): Promise<Claim> {
  const columns = Object.keys(change);
  const times =
    change.step && change.step !== 'claimed' ? [`${change.step}_at = coalesce(${change.step}_at, now())`] : [];
  const assignments = [...columns.map((column) => `${column} = :${column}`), ...times].join(', ');
  return write(db, lease, claim, assignments, { ...change });
}

/**
 * Notes that writes to Stripe begin now, all that was made before being known: from here on, whoever takes up the claim finds
 * out first what was done.
 */
export async function beginTrying(db: Db, lease: PaymentLease, claim: Claim): Promise<Claim> {
  return write(db, lease, claim, 'tried_at = now()', {});
}

/**
 * Begins anew with other keys, for a draft that is gone or a finalized invoice that had to be voided.
 * @param customer whom to bill; null: who is still to be chosen or made
 */
export async function beginAnew(
  db: Db,
  lease: PaymentLease,
  claim: Claim,
  billTo: BillTo,
  customer: string | null = billTo === claim.bill_to ? claim.customer : null,
): Promise<Claim> {
  return write(
    db,
    lease,
    claim,
    `step = 'claimed', key_version = key_version + 1, bill_to = :billTo, customer = :customer, stripe_invoice = NULL, number = NULL`,
    { billTo, customer },
  );
}

async function write(db: Db, lease: PaymentLease, claim: Claim, assignments: string, values: Bindings): Promise<Claim> {
  const row = await confirming(lease, () =>
    firstRow<Claim>(
      db,
      `UPDATE payment_invoices SET ${assignments} WHERE id = :claim AND ${LEASE_HELD} RETURNING ${CLAIM_COLUMNS}`,
      { ...leaseBindings(lease), ...values, claim: claim.id },
    ),
  );
  return row ?? leaseLost(lease);
}

/** What has paid a document besides the payment that it was made for. */
export interface PaidAgain {
  readonly payment: string;
  readonly document: DocumentOfPayment;
}

/** The last step: invoice and payment are settled together, in one transaction, and what else has paid it is asked about. */
export async function settle(
  { db, changed, settling }: Settling,
  lease: PaymentLease,
  claim: Claim,
  invoice: Stripe.Invoice,
  settlement: Settlement,
  again: readonly PaidAgain[] = [],
): Promise<Claim> {
  return db.transaction(async (trx) => {
    const row = await firstRow<Claim>(
      trx,
      `WITH paid AS (
         UPDATE payment_invoices SET step = 'paid', paid_at = now(), settlement = :settlement, number = :number,
                hosted_invoice_url = :url, invoice_pdf = :pdf
         WHERE id = :claim AND ${LEASE_HELD} RETURNING ${CLAIM_COLUMNS}),
       settled AS (
         UPDATE payments SET settled_at = now(), updated_at = now()
         FROM paid WHERE payments.account = :account AND payments.payment_intent = :intent AND paid.reverses IS NULL)
       SELECT * FROM paid`,
      {
        ...leaseBindings(lease),
        claim: claim.id,
        settlement,
        number: invoice.number,
        url: invoice.hosted_invoice_url ?? null,
        pdf: invoice.invoice_pdf ?? null,
      },
    );
    if (!row) return leaseLost(lease);
    for (const { payment, document } of again) await askAboutSecondPayment(trx, payment, document);
    await changed(trx, { record: 'payment_invoice', id: String(row.id), turned: 'issued' });
    await settling?.(trx, row);
    return row;
  });
}

export interface Settling extends Pick<Deps, 'db' | 'changed'> {
  /** What else is true from then on, in the same transaction. */
  readonly settling?: ((trx: Knex.Transaction, claim: Claim) => Promise<void>) | undefined;
}

export function invoiceOf(claim: Claim): string {
  return claim.stripe_invoice ?? bug(`claim ${claim.id} is at step ${claim.step} without an invoice`);
}
