import type Stripe from 'stripe';
import { bug } from '../../platform/errors.ts';
import { isCurrencyLock } from '../../stripe/errors.ts';
import { keyedWrite } from '../../stripe/keyed-write.ts';
import { MADE_BY } from '../../stripe/our-documents.ts';
import type { Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import type { QuestionOf } from '../desk/questions.ts';
import type { InvoiceLine, Recipient } from '../payments/document.ts';
import type { PaymentLease } from '../payments/payment-lease.ts';
import { collectedBy, collectedFields } from './buyer.ts';
import { customerParams } from './document-customer.ts';
import { type DocumentHead, documentHead, documentLines } from './document-text.ts';
import { touchedBalance, wrongDraft } from './guards.ts';
import { advance, beginAnew, type Claim, invoiceOf, type Settling } from './payment-invoices.ts';
import type { InvoiceQuestion } from './questions.ts';

/**
 * The steps of one invoice: `claimed → drafted → lined → finalized → paid`. Each makes one write at Stripe and stores the
 * step before the next begins. If the process dies between the two, the resume finds out from Stripe (resume-claim.ts).
 */
export interface StepContext extends Settling, Pick<Deps, 'stripe' | 'earlier' | 'clock'> {
  readonly settlement: Deps['policy']['invoicing']['settlement'];
  readonly lease: PaymentLease;
  readonly payment: Payment;
  readonly lines: readonly InvoiceLine[];
  /** What stands above the lines. */
  readonly head: DocumentHead;
  /** Whom it is made out to, if that was agreed on before the payment. */
  readonly recipient?: Recipient | undefined;
  /** What a person has decided about an invoice that was changed by hand: it is no question any more. */
  readonly decided?: DecidedInvoice | undefined;
}

/** The one that is there is taken as the payment's, whatever has happened to it; or another one is begun, where it is not paid. */
export type DecidedInvoice = 'accept' | 'begin_anew';

/** Why a step stops, as it is asked. */
type Stopped = DistributiveOmit<QuestionOf<InvoiceQuestion>, 'subject' | 'summary'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A guard failed: what was expected and found; the claim is left where nothing wrong can come of it. */
export class GuardFailed extends Error {
  override readonly name = 'GuardFailed';
  readonly question: Stopped;
  constructor(message: string, question: Stopped) {
    super(message);
    this.question = question;
  }
}

/** One key per payment, step and version: repeating a step is answered with what the first try did. */
export function keyOf(claim: Claim, step: string): { idempotencyKey: string } {
  const document = claim.reverses ? `${claim.payment_intent}:reverse:${claim.reverses}` : claim.payment_intent;
  return { idempotencyKey: `quittance:${document}:${step}:v${claim.key_version}` };
}

/** How an invoice or customer is recognised as made for this payment; `list` finds it, search would be too late. */
export function markOf(claim: Claim): Record<string, string> {
  return {
    made_by: MADE_BY,
    payment_intent: claim.payment_intent,
    ...(claim.reverses ? { reverses: claim.reverses } : {}),
  };
}

export async function draftInvoice(claim: Claim, context: StepContext): Promise<Claim> {
  const { db, lease, stripe, payment } = context;
  const billed = claim.customer ? claim : await chooseCustomer(claim, context);
  const session = payment.session?.id;
  try {
    const draft = await write(billed, context, () =>
      stripe.invoices.create(
        {
          customer: billed.customer ?? bug(`claim ${billed.id} has no customer`),
          currency: billed.currency,
          // Every default that could change the total or send something is overruled.
          collection_method: 'charge_automatically',
          auto_advance: false,
          pending_invoice_items_behavior: 'exclude',
          automatic_tax: { enabled: false },
          discounts: '',
          ...headFor(billed, context),
          metadata: { ...markOf(billed), ...(session ? { checkout_session: session } : {}) },
        },
        keyOf(billed, 'create'),
      ),
    );
    return await advance(db, lease, billed, { step: 'drafted', stripe_invoice: draft.id });
  } catch (error) {
    if (billed.bill_to === 'buyer' && isCurrencyLock(error)) return beginAnew(db, lease, billed, 'stand_in');
    throw error;
  }
}

function headFor(claim: Claim, { head, payment }: StepContext): Partial<Stripe.InvoiceCreateParams> {
  const collected = claim.bill_to === 'buyer' ? collectedFields(collectedBy(payment)) : [];
  const fields = [...(head.custom_fields ?? []), ...collected];
  return documentHead({ ...head, custom_fields: fields }, payment.customer?.invoice_settings.custom_fields);
}

async function chooseCustomer(claim: Claim, context: StepContext): Promise<Claim> {
  const { db, lease, stripe, payment } = context;
  if (claim.bill_to === 'buyer' && payment.customer) {
    return advance(db, lease, claim, { customer: payment.customer.id });
  }
  const customer = await write(claim, context, () =>
    stripe.customers.create(customerParams(payment, markOf(claim), context.recipient), keyOf(claim, 'customer')),
  );
  return advance(db, lease, claim, { customer: customer.id });
}

export async function addLines(claim: Claim, context: StepContext): Promise<Claim> {
  const { db, lease, stripe, lines } = context;
  const draft = await write(claim, context, () =>
    stripe.invoices.addLines(invoiceOf(claim), { lines: documentLines(lines) }, keyOf(claim, 'lines')),
  );
  await refuseWrongDraft(claim, draft, context);
  return advance(db, lease, claim, { step: 'lined' });
}

/** A draft that would become a wrong invoice is deleted, and a person asked. */
export async function refuseWrongDraft(claim: Claim, draft: Stripe.Invoice, context: StepContext): Promise<void> {
  const wrong = wrongDraft(draft, claim);
  if (!wrong) return;
  await context.stripe.invoices.del(draft.id);
  await beginAnew(context.db, context.lease, claim, claim.bill_to);
  throw new GuardFailed(`The invoice would have been wrong: ${wrong}. Its draft was deleted.`, {
    kind: 'invoice_total_differs',
    details: {
      expected: { total: claim.total, currency: claim.currency },
      found: { total: draft.total, currency: draft.currency },
    },
  });
}

export async function finalizeInvoice(claim: Claim, context: StepContext): Promise<Claim> {
  const { stripe } = context;
  const invoice = await write(claim, context, () =>
    stripe.invoices.finalizeInvoice(invoiceOf(claim), { auto_advance: false }, keyOf(claim, 'finalize')),
  );
  return recordFinalized(claim, invoice, context);
}

/**
 * Takes a finalized invoice for what it is. One that a customer balance was applied to is voided while that is possible
 * (Stripe gives the balance back) and made anew for a stand-in; one that the balance has already paid needs a person.
 */
export async function recordFinalized(
  claim: Claim,
  invoice: Stripe.Invoice,
  { db, lease, stripe, decided }: StepContext,
): Promise<Claim> {
  const isPaid = invoice.status === 'paid';
  if (touchedBalance(invoice) && !(isPaid && decided)) {
    if (isPaid) {
      throw new GuardFailed(
        `Stripe paid invoice ${invoice.number} from the balance of customer ${claim.customer}. Give the customer his balance back, then accept the invoice.`,
        {
          kind: 'customer_balance_consumed',
          details: {
            invoice: invoice.id,
            starting_balance: invoice.starting_balance,
            ending_balance: invoice.ending_balance,
            currency: invoice.currency,
          },
        },
      );
    }
    await stripe.invoices.voidInvoice(invoice.id, {}, keyOf(claim, 'void'));
    return beginAnew(db, lease, claim, 'stand_in');
  }
  return advance(db, lease, claim, {
    step: 'finalized',
    number: invoice.number,
    hosted_invoice_url: invoice.hosted_invoice_url ?? null,
    invoice_pdf: invoice.invoice_pdf ?? null,
  });
}

export function write<T>(claim: Claim, { db, lease }: StepContext, request: () => Promise<T>): Promise<T> {
  return keyedWrite(() => advance(db, lease, claim, { key_version: claim.key_version + 1 }), request);
}
