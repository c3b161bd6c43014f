import type Stripe from 'stripe';
import { retrieveInvoice } from '../../stripe/our-documents.ts';
import { findMade } from './find-made.ts';
import { GuardFailed, keyOf, recordFinalized, refuseWrongDraft, type StepContext } from './invoice-steps.ts';
import type { Look } from './look-first.ts';
import { settleAsPaid } from './pay-invoice.ts';
import { advance, beginAnew, type Claim } from './payment-invoices.ts';

/**
 * Somebody began this claim and did not finish, or may have: what was stored may be one write behind what Stripe has done. So
 * the truth is read before anything is written: the stored id, else what can be found.
 */
export async function resumeClaim(claim: Claim, look: Exclude<Look, 'nothing'>, context: StepContext): Promise<Claim> {
  const { db, lease, stripe } = context;
  if (!claim.stripe_invoice) {
    const found = await findMade(claim, look, context);
    const known = found.change ? await advance(db, lease, claim, found.change) : claim;
    return found.invoice ? adopt(known, found.invoice, context) : known;
  }
  const invoice = await retrieveInvoice(stripe, claim.stripe_invoice);
  // Deleted: by the guard just before the process died, or by hand.
  if (!invoice) return beginAnew(db, lease, claim, claim.bill_to);
  return adopt(claim, invoice, context);
}

/** Takes an invoice of the claim for what it is at Stripe now. */
export async function adopt(claim: Claim, invoice: Stripe.Invoice, context: StepContext): Promise<Claim> {
  const { db, lease, stripe, decided } = context;
  switch (invoice.status) {
    case 'draft': {
      if (invoice.lines.data.length === 0) return advance(db, lease, claim, { step: 'drafted' });
      await refuseWrongDraft(claim, invoice, context);
      return advance(db, lease, claim, { step: 'lined' });
    }
    case 'open':
      return claim.step === 'finalized' ? claim : recordFinalized(claim, invoice, context);
    case 'paid':
      return settleAsPaid(await recordFinalized(claim, invoice, context), invoice, context);
    case 'void':
      // We void only what a customer balance was applied to; then a stand-in is billed instead.
      if ((invoice.starting_balance ?? 0) !== 0) return beginAnew(db, lease, claim, 'stand_in');
      if (decided === 'begin_anew') return beginAnew(db, lease, claim, claim.bill_to);
      throw changedByHand(invoice, 'voided');
    case 'uncollectible':
      if (decided === 'begin_anew') {
        await stripe.invoices.voidInvoice(invoice.id, {}, keyOf(claim, 'void'));
        return beginAnew(db, lease, claim, claim.bill_to);
      }
      // It can be paid all the same, and it was: the money is here.
      if (decided === 'accept') return claim.step === 'finalized' ? claim : recordFinalized(claim, invoice, context);
      throw changedByHand(invoice, 'written off');
    default:
      throw changedByHand(invoice, String(invoice.status));
  }
}

function changedByHand(invoice: Stripe.Invoice, what: string): GuardFailed {
  return new GuardFailed(
    `Invoice ${invoice.number} of this payment was ${what} before it could be marked paid. Decide whether the payment needs another.`,
    { kind: 'invoice_changed_by_hand', details: { invoice: invoice.id, status: invoice.status } },
  );
}
