import type Stripe from 'stripe';
import { fromUnix } from '../platform/clock.ts';

/** A try to collect an invoice that failed, in the words of Stripe. */
export interface FailedPayment {
  /** The charge; where there was none, for want of a card or of its owner, the invoice and the number of the try. */
  readonly id: string;
  /** Null: there was nothing to charge, so Stripe tells no moment. */
  readonly at: Date | null;
  readonly paymentIntent: string | null;
  /** `failure_code` */
  readonly code: string | null;
  /** Of the outcome: the decline code of the bank, or a block of Stripe's own. */
  readonly reason: string | null;
  readonly adviceCode: string | null;
  readonly networkAdviceCode: string | null;
  /** It waits for its customer. */
  readonly requiresAction: boolean;
  /** Fingerprint, of a card or of an account. */
  readonly card: string | null;
  /** pm_… */
  readonly paymentMethod: string | null;
  /** The month in which the card expired as it was then: `2027-04`. */
  readonly cardExpires: string | null;
}

/**
 * What is known of the failures of an invoice that Stripe collects: all of them, whoever made the try. No request as long as
 * nothing has failed; one for each payment of it that is open otherwise, and two where no charge was made.
 * @param invoice with its `payments` expanded
 */
export async function fetchFailures(stripe: Stripe, invoice: Stripe.Invoice): Promise<FailedPayment[]> {
  const { status, attempt_count: tries, collection_method: collection, payments } = invoice;
  if (status !== 'open' || tries === 0 || collection !== 'charge_automatically') return [];
  const intents = payments?.data.flatMap((each) => (each.status === 'open' ? intentOf(each) : [])) ?? [];
  const failures: FailedPayment[] = [];
  for (const intent of intents) failures.push(...(await failuresOf(stripe, intent)));
  if (failures.length > 0) return failures;
  const [intent] = intents;
  const waiting = intent === undefined ? undefined : await stripe.paymentIntents.retrieve(intent);
  return [withoutCharge(`${invoice.id}:${tries}`, waiting)];
}

async function failuresOf(stripe: Stripe, intent: string): Promise<FailedPayment[]> {
  const charges = await stripe.charges.list({ payment_intent: intent, limit: 100 });
  return charges.data.flatMap((charge) => (charge.status === 'failed' ? failureOf(charge, intent) : []));
}

function failureOf(charge: Stripe.Charge, paymentIntent: string): FailedPayment {
  const { id, created, failure_code: code, outcome, payment_method_details: method } = charge;
  return {
    id,
    at: fromUnix(created),
    paymentIntent,
    code,
    reason: outcome?.reason ?? null,
    adviceCode: outcome?.advice_code ?? null,
    networkAdviceCode: outcome?.network_advice_code ?? null,
    requiresAction: false,
    card: fingerprintOf(method),
    paymentMethod: charge.payment_method,
    cardExpires: method?.card ? monthOf(method.card) : null,
  };
}

function withoutCharge(id: string, intent: Stripe.PaymentIntent | undefined): FailedPayment {
  return {
    id,
    at: null,
    paymentIntent: intent?.id ?? null,
    code: null,
    reason: null,
    adviceCode: null,
    networkAdviceCode: null,
    requiresAction: intent?.status === 'requires_action',
    card: null,
    paymentMethod: idOf(intent?.payment_method),
    cardExpires: null,
  };
}

interface Expiring {
  readonly exp_year: number | null;
  readonly exp_month: number | null;
}

/** `2027-04` */
export function monthOf({ exp_year: year, exp_month: month }: Expiring): string | null {
  return year && month ? `${year}-${String(month).padStart(2, '0')}` : null;
}

interface Fingerprinted {
  readonly card?: { readonly fingerprint?: string | null };
  readonly sepa_debit?: { readonly fingerprint?: string | null };
  readonly us_bank_account?: { readonly fingerprint?: string | null };
}

/** The same for the same card or account, however often it is typed in; null where Stripe has none for this kind. */
export function fingerprintOf(method: Fingerprinted | null | undefined): string | null {
  return method?.card?.fingerprint ?? method?.sepa_debit?.fingerprint ?? method?.us_bank_account?.fingerprint ?? null;
}

function idOf(reference: string | { readonly id: string } | null | undefined): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}

function intentOf({ payment: { payment_intent: intent } }: Stripe.InvoicePayment): string[] {
  if (!intent) return [];
  return [typeof intent === 'string' ? intent : intent.id];
}
