import type Stripe from 'stripe';
import { BusyError } from '../../platform/errors.ts';
import { isRefusal } from '../../stripe/errors.ts';
import { retrieveInvoice } from '../../stripe/our-documents.ts';
import { findMade } from './find-made.ts';
import { keyOf, recordFinalized, type StepContext } from './invoice-steps.ts';
import { lookFor } from './look-first.ts';
import { settleAsPaid } from './pay-invoice.ts';
import { advance, beginAnew, type Claim } from './payment-invoices.ts';

/**
 * A person wants no invoice for the payment, after one was begun: what is there at Stripe is looked for first. A draft is
 * deleted, an open invoice voided; one that is paid can't be taken back by that, and is recorded as the invoice that the
 * payment has.
 * @returns the claim: paid, or without any document
 */
export async function withdrawInvoice(begun: Claim, context: StepContext): Promise<Claim> {
  const { db, lease, stripe } = context;
  const { claim, invoice } = await lookedFor(begun, context);
  try {
    switch (invoice?.status) {
      case 'paid': {
        const accepting: StepContext = { ...context, decided: 'accept' };
        return settleAsPaid(await recordFinalized(claim, invoice, accepting), invoice, accepting);
      }
      case 'draft':
        await stripe.invoices.del(invoice.id);
        break;
      case 'open':
      case 'uncollectible':
        await stripe.invoices.voidInvoice(invoice.id, {}, keyOf(claim, 'void'));
        break;
      case 'void':
      case undefined:
        break;
    }
  } catch (error) {
    // Somebody was quicker: the next look finds out.
    if (isRefusal(error)) throw new BusyError(`Invoice ${invoice?.id} has changed meanwhile`, 1_000);
    throw error;
  }
  return claim.stripe_invoice ? beginAnew(db, lease, claim, claim.bill_to) : claim;
}

async function lookedFor(
  claim: Claim,
  context: StepContext,
): Promise<{ claim: Claim; invoice: Stripe.Invoice | undefined }> {
  const { db, lease, stripe, payment } = context;
  if (claim.stripe_invoice) return { claim, invoice: await retrieveInvoice(stripe, claim.stripe_invoice) };
  const look = lookFor(claim, payment, context.clock());
  if (look === 'nothing') return { claim, invoice: undefined };
  const { invoice, change } = await findMade(claim, look, context);
  return { claim: change ? await advance(db, lease, claim, change) : claim, invoice };
}
