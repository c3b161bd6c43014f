import { formatMoney } from '../../platform/money.ts';
import { fetchPayment } from '../../stripe/payment.ts';
import { fetchRefundsAndDisputes } from '../../stripe/refunds-and-disputes.ts';
import { adjustmentOfDispute, adjustmentOfRefund, decide } from '../adjustments/adjustment.ts';
import { notesOfPayment } from '../adjustments/credit-notes.ts';
import type { Deps } from '../deps.ts';
import { eligibility } from '../invoicing/eligibility.ts';
import { findClaim } from '../invoicing/payment-invoices.ts';

/**
 * What the use cases would create for a payment, without writing anything anywhere. It says what would be tried: the guards
 * of the real run may still ask a person.
 * @returns one sentence per document, none when there is nothing to create
 */
export async function previewPayment(paymentIntent: string, deps: Deps): Promise<string[]> {
  const ref = { account: '', paymentIntent };
  const [payment, taken, claim, notes] = await Promise.all([
    fetchPayment(deps.stripe, paymentIntent),
    fetchRefundsAndDisputes(deps.stripe, paymentIntent),
    findClaim(deps.db, ref),
    notesOfPayment(deps.db, ref),
  ]);
  const verdict = eligibility(payment, {
    rules: deps.rules,
    livemode: deps.livemode,
    ownInvoice: claim?.stripe_invoice ?? null,
  });
  const received = formatMoney({ amount: payment.intent.amount_received, currency: payment.intent.currency });
  const documents: string[] = [];
  if (claim?.step !== 'paid' && verdict.action === 'invoice')
    documents.push(`invoice of ${received} for ${paymentIntent}`);
  if (verdict.action === 'review') documents.push(`question to a person about ${paymentIntent}: ${verdict.reason}`);

  const invoiced =
    verdict.action === 'invoice' || claim !== undefined || (deps.adjustStripeInvoices && payment.invoices.length > 0);
  if (!invoiced || !deps.adjustments) return documents;
  for (const adjustment of [...taken.refunds.map(adjustmentOfRefund), ...taken.disputes.map(adjustmentOfDispute)]) {
    const issued = notes.some((note) => note.adjustment === adjustment.id && note.stripe_credit_note !== null);
    if (decide(adjustment).decision === 'note' && !issued) {
      documents.push(`credit note of ${formatMoney(adjustment)} for ${adjustment.id} (${paymentIntent})`);
    }
  }
  return documents;
}
