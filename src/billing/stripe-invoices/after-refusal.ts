import type Stripe from 'stripe';
import { BusyError, bug } from '../../platform/errors.ts';
import { isMissing, isRefusal, isReplayedFailure } from '../../stripe/errors.ts';
import { retrieveInvoice } from '../../stripe/our-documents.ts';
import { refOf } from '../payments/payment-lease.ts';
import { GuardFailed, keyOf, type StepContext } from './invoice-steps.ts';
import { advance, beginAnew, type Claim, findClaim } from './payment-invoices.ts';
import { adopt } from './resume-claim.ts';

/**
 * Stripe has refused a step for good. Mostly because somebody has acted since the step before: the customer or the draft was
 * deleted, the invoice paid or voided. So it is looked what has changed, and the claim goes on from there; where nothing has,
 * a person must read what Stripe says.
 * @throws GuardFailed
 */
export async function afterRefusal(
  refused: Claim,
  error: Stripe.errors.StripeInvalidRequestError,
  context: StepContext,
): Promise<Claim> {
  const { db, lease, stripe } = context;
  // The step may have come further than its refusal tells.
  const stored = await findClaim(db, refOf(lease), refused.reverses);
  const current = stored ?? bug(`claim ${refused.id} is gone`);
  // Stripe keeps a refusal for its key.
  const claim = await advance(db, lease, current, { key_version: current.key_version + 1 });
  // An older refusal, of circumstances that may have changed: asked once more, under the new key.
  if (isReplayedFailure(error)) return claim;

  const invoice = claim.stripe_invoice ? await retrieveInvoice(stripe, claim.stripe_invoice) : null;
  if (invoice === undefined) return beginAnew(db, lease, claim, claim.bill_to);
  const isOpen = invoice === null || invoice.status === 'draft' || invoice.status === 'open';
  if (isOpen && (await isDeleted(claim.customer, stripe))) return billSomebodyElse(claim, invoice, context);
  const known = invoice ? await adopt(claim, invoice, context) : claim;
  if (known.step !== claim.step || known.key_version !== claim.key_version) return known;
  throw new GuardFailed(
    `Stripe refuses the invoice of payment ${claim.payment_intent}: ${error.message} Mend what it names, then try again.`,
    {
      kind: 'invoice_refused',
      details: {
        step: claim.step,
        invoice: claim.stripe_invoice,
        code: error.code ?? null,
        param: error.param ?? null,
      },
    },
  );
}

async function isDeleted(customer: string | null, stripe: Stripe): Promise<boolean> {
  if (!customer) return false;
  try {
    const { deleted } = await stripe.customers.retrieve(customer);
    return deleted === true;
  } catch (error) {
    if (isMissing(error)) return true;
    throw error;
  }
}

/** Whose customer is gone is billed as a guest is: by one that is made for the payment. */
async function billSomebodyElse(
  claim: Claim,
  invoice: Stripe.Invoice | null,
  { db, lease, stripe }: StepContext,
): Promise<Claim> {
  try {
    if (invoice?.status === 'draft') await stripe.invoices.del(invoice.id);
    if (invoice?.status === 'open') await stripe.invoices.voidInvoice(invoice.id, {}, keyOf(claim, 'void'));
  } catch (error) {
    // Somebody was quicker, once more: the next try finds out.
    if (isRefusal(error)) throw new BusyError(`Invoice ${invoice?.id} has changed meanwhile`, 1_000);
    throw error;
  }
  return beginAnew(db, lease, claim, claim.bill_to === 'buyer' ? 'guest' : claim.bill_to, null);
}
