import type Stripe from 'stripe';
import { BusyError } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { isRefusal, isReplayedFailure } from '../../stripe/errors.ts';
import { keyedWrite } from '../../stripe/keyed-write.ts';
import type { InvoiceWithLines } from '../../stripe/refunds-and-disputes.ts';
import type { Deps } from '../deps/deps.ts';
import type { PaymentLease } from '../payments/payment-lease.ts';
import { type Adjustment, noteReason } from './adjustment.ts';
import { type CreditNoteRow, noteSplit, raiseKeyVersion, recordIssued } from './credit-notes.ts';
import { splitNote } from './note-split.ts';

/**
 * Issues the note of one claim at Stripe, once: whoever calls has looked that it is not there yet. The note documents money
 * that has moved already: it never moves any itself, and Stripe sends no e-mail about it.
 */
export interface IssueContext extends Pick<Deps, 'db' | 'stripe' | 'changed'> {
  readonly lease: PaymentLease;
  readonly onInvoice: InvoiceWithLines;
  /** All claims of the payment. */
  readonly claims: readonly CreditNoteRow[];
}

/** Stripe will not have this note; a person must look. */
export class NoteRefused extends Error {
  override readonly name = 'NoteRefused';
}

/** @throws NoteRefused with Stripe's reason */
export async function issueNote(
  row: CreditNoteRow,
  adjustment: Adjustment,
  context: IssueContext,
): Promise<CreditNoteRow> {
  const { db, lease, stripe } = context;
  const split = await agreedSplit(row, adjustment, context);
  const claim = await noteSplit(db, lease, row, split?.shares ?? null);
  const raiseVersion = () => raiseKeyVersion(db, lease, claim);
  try {
    const note = await keyedWrite(raiseVersion, () =>
      stripe.creditNotes.create(noteParams(claim, adjustment, split?.lines), {
        idempotencyKey: `quittance:${adjustment.id}:note:v${claim.key_version}`,
      }),
    );
    return await recordIssued(context, lease, claim, note);
  } catch (error) {
    // An older refusal, of circumstances that may have changed: the next try asks under a new key.
    if (isReplayedFailure(error)) throw new BusyError(`The note of ${adjustment.id} was refused before`, 1_000);
    if (!isRefusal(error)) throw error;
    await raiseVersion();
    throw new NoteRefused(messageOf(error));
  }
}

/** A split over lines and taxes that Stripe's own preview comes to the same total with; else none. */
async function agreedSplit(row: CreditNoteRow, adjustment: Adjustment, { stripe, onInvoice, claims }: IssueContext) {
  const issued = new Set([
    ...onInvoice.notes.filter(({ status }) => status !== 'void').map(({ id }) => id),
    ...claims.flatMap((claim) => (claim.stripe_invoice === row.stripe_invoice && claim.stripe_credit_note) || []),
  ]);
  const earlier = [...issued].map((id) => claims.find((claim) => claim.stripe_credit_note === id)?.split ?? null);
  const split = splitNote(row.amount, onInvoice.lines, earlier);
  if (!split) return undefined;
  try {
    const preview = await stripe.creditNotes.preview(noteParams(row, adjustment, split.lines));
    return preview.total === row.amount ? split : undefined;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

function noteParams(
  row: CreditNoteRow,
  adjustment: Adjustment,
  lines: readonly Stripe.CreditNoteCreateParams.Line[] | undefined,
): Stripe.CreditNoteCreateParams {
  const reason = noteReason(adjustment);
  return {
    invoice: row.stripe_invoice,
    ...(lines ? { lines: [...lines] } : { amount: row.amount }),
    // Exactly one of these, and exactly the amount: anything else would pay the customer a second time.
    ...(row.allocation === 'refund'
      ? { refunds: [{ refund: adjustment.id, amount_refunded: row.amount }] }
      : { out_of_band_amount: row.amount }),
    ...(reason ? { reason } : {}),
    memo: adjustment.kind === 'refund' ? `Refund ${adjustment.id}` : `Chargeback ${adjustment.id}`,
    effective_at: adjustment.happenedAt,
    email_type: 'none',
    metadata: { made_by: 'quittance', payment_intent: row.payment_intent, adjustment: adjustment.id },
  };
}
