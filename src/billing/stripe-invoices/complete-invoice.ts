import { isRefusal } from '../../stripe/errors.ts';
import { afterRefusal } from './after-refusal.ts';
import { addLines, draftInvoice, finalizeInvoice, type StepContext } from './invoice-steps.ts';
import { lookFor } from './look-first.ts';
import { payInvoice } from './pay-invoice.ts';
import { beginTrying, type Claim } from './payment-invoices.ts';
import { resumeClaim } from './resume-claim.ts';

type Step = (claim: Claim, context: StepContext) => Promise<Claim>;

/** What to do next, by how far the claim has come. */
const nextStep: Record<Exclude<Claim['step'], 'paid'>, Step> = {
  claimed: draftInvoice,
  drafted: addLines,
  lined: finalizeInvoice,
  finalized: payInvoice,
};

/**
 * Takes a claim from wherever it stands to its paid invoice. Safe to repeat after a crash at any point.
 * @param begins the claim was made just now, for writes that begin now: there is nothing to look for
 * @throws GuardFailed when the invoice would be, or has become, something else than was claimed
 */
export async function completeInvoice(begun: Claim, context: StepContext, begins = false): Promise<Claim> {
  let claim = begins ? begun : await takeUp(begun, context);
  while (claim.step !== 'paid') {
    const at = claim;
    claim = await nextStep[claim.step](claim, context).catch((error: unknown) => {
      if (isRefusal(error)) return afterRefusal(at, error, context);
      throw error;
    });
  }
  return claim;
}

async function takeUp(begun: Claim, context: StepContext): Promise<Claim> {
  const look = lookFor(begun, context.payment, context.clock());
  const known = look === 'nothing' ? begun : await resumeClaim(begun, look, context);
  return known.step === 'paid' ? known : beginTrying(context.db, context.lease, known);
}
