import { formatMoney } from '../../platform/money.ts';
import { fetchPayment, type Payment } from '../../stripe/payment.ts';
import { fetchRefundsAndDisputes } from '../../stripe/refunds-and-disputes.ts';
import { adjustedInvoices } from '../adjustments/adjusted-invoice.ts';
import { adjustmentOfDispute, adjustmentOfRefund } from '../adjustments/adjustment.ts';
import { notesOfPayment } from '../adjustments/credit-notes.ts';
import type { Books } from '../adjustments/note-books.ts';
import { planNote } from '../adjustments/plan-note.ts';
import type { Deps } from '../deps/deps.ts';
import { keptNote, subjectsDecided, wasAsked } from '../desk/review-items.ts';
import { findInvoice } from '../own-invoices/invoices.ts';
import { eligibility } from '../payments/eligibility.ts';
import type { PaymentRow } from '../payments/payment-row.ts';
import { findPayment } from '../payments/payments.ts';
import { invoiceLines } from '../stripe-invoices/invoice-lines.ts';
import { findClaim } from '../stripe-invoices/payment-invoices.ts';

/**
 * What the use cases would create for a payment, without writing anything anywhere. It says what would be tried: what only
 * shows at Stripe while an invoice is made (a balance of the customer, for one) may still lead to a question instead.
 * @returns one sentence per document or question, none when there is nothing to create
 */
export async function previewPayment(paymentIntent: string, deps: Deps): Promise<string[]> {
  const known = await findPayment(deps.db, { account: '', paymentIntent });
  const payment = await fetchPayment(deps.stripe, paymentIntent);
  const invoice = await previewInvoice(payment, known, deps);
  return [...(invoice.says ? [invoice.says] : []), ...(await previewNotes(payment, known, invoice.comes, deps))];
}

interface InvoicePreview {
  readonly says?: string;
  /** Whether the payment gets an invoice of ours that it does not have yet. */
  readonly comes: boolean;
}

async function previewInvoice(
  payment: Payment,
  known: PaymentRow | undefined,
  { db, policy, livemode }: Deps,
): Promise<InvoicePreview> {
  const { id, amount_received: amount, currency, metadata } = payment.intent;
  // What was decided before is not decided anew.
  if (known?.settled_at || known?.verdict === 'review') return { comes: false };
  const claim = await findClaim(db, { account: '', paymentIntent: id });
  if (!claim) {
    const ownId = metadata.quittance_invoice;
    const own = ownId && !policy.invoicing.own_payments ? await findInvoice(db, ownId) : undefined;
    if (own) return { comes: false };
    const verdict = eligibility(payment, { rules: policy.eligibility, livemode });
    if (verdict.action === 'review') return question(id, verdict.reason);
    if ('paidAgain' in verdict) return question(id, verdict.reason);
    if (verdict.action !== 'invoice') return { comes: false };
    if (!ownId && 'mismatch' in invoiceLines(payment))
      return question(id, 'its line items differ from what was received');
  }
  return { says: `invoice of ${formatMoney({ amount, currency })} for ${id}`, comes: true };
}

function question(about: string, reason: string): InvoicePreview {
  return { says: `question to a person about ${about}: ${reason}`, comes: false };
}

async function previewNotes(
  { intent }: Payment,
  known: PaymentRow | undefined,
  invoiceComes: boolean,
  deps: Deps,
): Promise<string[]> {
  const { refunds, disputes } = await fetchRefundsAndDisputes(deps.stripe, intent.id);
  const adjustments = [...refunds.map(adjustmentOfRefund), ...disputes.map(adjustmentOfDispute)];
  if (adjustments.length === 0) return [];
  const coming = {
    id: 'in_to_come',
    total: intent.amount_received,
    currency: intent.currency,
    status: 'paid',
  } as const;
  const row = known ?? {
    account: '',
    payment_intent: intent.id,
    verdict: null,
    reason: null,
    parked_for: null,
    unbooked_since: null,
  };
  const basis = invoiceComes
    ? ({
        invoices: [{ invoice: coming, notes: [] }] as const,
        settlement: deps.policy.invoicing.settlement === 'attach' ? 'attached' : 'out_of_band',
      } as const)
    : await adjustedInvoices(row, deps);
  if ('none' in basis) return [];

  const documents: string[] = [];
  const ids = adjustments.map(({ id }) => id);
  const kept = await subjectsDecided(deps.db, keptNote, ids);
  const claims: Books['claims'][number][] = await notesOfPayment(deps.db, { account: '', paymentIntent: intent.id });
  for (const adjustment of adjustments) {
    const plan = planNote(adjustment, {
      ...basis,
      claims,
      adjustments,
      kept,
      issuing: deps.policy.adjustments.credit_notes,
    });
    if (plan.decision === 'note' && !plan.note.made) {
      const { amount, invoice } = plan.note;
      documents.push(`credit note of ${formatMoney({ ...adjustment, amount })} for ${adjustment.id} (${intent.id})`);
      // The notes after this one find less left, as they will.
      claims.push({
        adjustment: adjustment.id,
        stripe_invoice: invoice,
        amount,
        stripe_credit_note: `cn_to_come_${adjustment.id}`,
        number: null,
        reversed_by: null,
      });
    }
    const asked = 'question' in plan ? plan.question : undefined;
    if (asked && !(await wasAsked(deps.db, asked)))
      documents.push(`question to a person about ${adjustment.id} (${intent.id}): ${plan.reason}`);
  }
  return documents;
}
