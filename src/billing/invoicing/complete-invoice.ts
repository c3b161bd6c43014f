import { addLines, draftInvoice, finalizeInvoice, type StepContext } from './invoice-steps.ts';
import { payInvoice } from './pay-invoice.ts';
import { beginTrying, type Claim } from './payment-invoices.ts';
import { mustLookFirst, resumeClaim } from './resume-claim.ts';

/** What to do next, by how far the claim has come. */
const nextStep: Record<Exclude<Claim['step'], 'paid'>, (claim: Claim, context: StepContext) => Promise<Claim>> = {
  claimed: draftInvoice,
  drafted: addLines,
  lined: finalizeInvoice,
  finalized: payInvoice,
};

/**
 * Takes a claim from wherever it stands to its paid invoice. Safe to repeat after a crash at any point.
 * @throws GuardFailed when the invoice would be, or has become, something else than was claimed
 */
export async function completeInvoice(begun: Claim, context: StepContext): Promise<Claim> {
  const lookFirst = mustLookFirst(begun, context.payment, new Date());
  let claim = await beginTrying(context.db, context.lease, begun);
  if (lookFirst) claim = await resumeClaim(claim, context);
  while (claim.step !== 'paid') claim = await nextStep[claim.step](claim, context);
  return claim;
}
