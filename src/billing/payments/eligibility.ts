import type Stripe from 'stripe';
import type { DocumentOfPayment } from '../../stripe/our-documents.ts';
import type { Payment } from '../../stripe/payment.ts';
import { type EligibilityRule, type EligibilityRules, someMatch } from '../policy/eligibility-rules.ts';
import type { PaymentDecision } from './payment-decisions.ts';
import { purposeAtStripe } from './purpose.ts';
import type { Verdict } from './verdict.ts';

export interface Circumstances {
  readonly rules: EligibilityRules;
  /** Of a person, instead of the rules. */
  readonly decision?: PaymentDecision | undefined;
  /** Mode of our secret key. */
  readonly livemode: boolean;
}

/** Whether it gets an invoice, by what Stripe says of it, a person and the rules. */
export function eligibility(payment: Payment, { rules, decision, livemode }: Circumstances): Verdict {
  const { intent } = payment;
  if (intent.livemode !== livemode)
    return { action: 'skip', reason: `the payment is in ${mode(intent.livemode)} mode, the key is not` };

  const purpose = purposeAtStripe(payment);
  switch (purpose.of) {
    case 'stripe_invoice': {
      const reason = 'Stripe has its own invoice for this payment';
      return { action: 'skip', reason, foreignInvoice: purpose.invoice };
    }
    case 'invoiced_checkout':
      return { action: 'skip', reason: purpose.reason };
    case 'document':
      return purpose.again ? onTop(purpose.document, intent) : { action: 'invoice', reason: 'its invoice was begun' };
    case 'sale':
      if (intent.status !== 'succeeded') return notYet(intent);
      if (intent.amount_received <= 0) return { action: 'skip', reason: 'nothing was received' };
      return decision ? verdictOfPerson(decision) : verdictOfRules(payment, rules);
  }
}

function verdictOfRules(payment: Payment, { rules, otherwise }: EligibilityRules): Verdict {
  const rule = rules.find((candidate) => applies(candidate, payment));
  return rule
    ? { action: rule.action, reason: rule.name, rule: rule.name }
    : { action: otherwise, reason: 'no rule applies: the default decides' };
}

export function verdictOfPerson({ verdict, reason, decided_by }: PaymentDecision): Verdict {
  const said = `${decided_by} decided: ${reason}`;
  switch (verdict) {
    case 'skip':
      return { action: 'skip', reason: said };
    case 'invoice':
      return { action: 'invoice', reason: said };
    case 'invoice_in_one_line':
      return { action: 'invoice', reason: said, inOneLine: true };
  }
}

/** It paid an invoice of ours on top of the payment that this documents. */
function onTop(paidAgain: DocumentOfPayment, intent: Stripe.PaymentIntent): Verdict {
  // A try on Stripe's page that failed so far: it may still succeed.
  if (intent.status !== 'succeeded') return notYet(intent);
  const { invoice, madeFor } = paidAgain;
  return { action: 'skip', reason: `it paid our invoice ${invoice}, which documents payment ${madeFor}`, paidAgain };
}

function notYet({ status }: Stripe.PaymentIntent): Verdict {
  return { action: 'wait', reason: `the payment is ${status}` };
}

function applies({ when }: EligibilityRule, payment: Payment): boolean {
  const { intent, session, lineItems } = payment;
  const metadata: Stripe.Metadata = { ...session?.metadata, ...intent.metadata };
  const products = lineItems.flatMap((item) => productOf(item) ?? []);
  const descriptions = [intent.description, ...lineItems.map((item) => item.description)].flatMap((text) => text ?? []);
  return (
    Object.entries(when.metadata ?? {}).every(([key, pattern]) =>
      someMatch(
        [metadata[key]].flatMap((v) => v ?? []),
        pattern,
      ),
    ) &&
    (when.product === undefined || someMatch(products, when.product)) &&
    (when.description === undefined || someMatch(descriptions, when.description)) &&
    (when.currency === undefined || someMatch([intent.currency], when.currency)) &&
    (when.livemode === undefined || when.livemode === intent.livemode) &&
    intent.amount_received >= (when.amount?.from ?? 0) &&
    intent.amount_received <= (when.amount?.to ?? Number.MAX_SAFE_INTEGER)
  );
}

export function productOf(item: Stripe.LineItem): string | undefined {
  const product = item.price?.product;
  return typeof product === 'string' ? product : product?.id;
}

function mode(livemode: boolean): string {
  return livemode ? 'live' : 'test';
}
