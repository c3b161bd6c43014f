import type { Payment } from '../../stripe/payment.ts';
import type { Deps } from '../deps/deps.ts';
import type { Confirmation } from '../own-invoices/confirm-checkout.ts';
import { eligibility, verdictOfPerson } from '../payments/eligibility.ts';
import type { PaymentDecision } from '../payments/payment-decisions.ts';
import type { PaymentRow } from '../payments/payment-row.ts';
import type { Verdict } from '../payments/verdict.ts';
import { ownInvoiceOf, type Purpose } from './purpose.ts';

/** What is known of a payment besides what it is for and what Stripe says of it. */
export interface Known {
  /** Its invoice was begun: any claim. */
  readonly begun: object | undefined;
  readonly decision: PaymentDecision | undefined;
  readonly row: Pick<PaymentRow, 'reason' | 'rule'>;
}

export type Deciding = Pick<Deps, 'policy' | 'livemode'>;

/**
 * Whether the payment gets an invoice, pure. Who speaks first: a person who wants none, an invoice that was begun, the own
 * invoice that it pays, what Stripe says of it, a person who wants one, the rules.
 */
export function verdictOn(purpose: Purpose, payment: Payment, known: Known, { policy, livemode }: Deciding): Verdict {
  const { begun, decision, row } = known;
  if (decision?.verdict === 'skip' && payment.intent.status === 'succeeded') return verdictOfPerson(decision);
  if (begun)
    return { ...begunBefore(row), ...(decision?.verdict === 'invoice_in_one_line' ? { inOneLine: true } : {}) };
  return (
    verdictOfOwn(ownInvoiceOf(purpose), policy) ??
    eligibility(payment, { rules: policy.eligibility, livemode, decision })
  );
}

export function begunBefore({
  reason,
  rule,
}: Known['row']): Extract<Verdict, { action: 'invoice' | 'skip' | 'review' }> {
  return { action: 'invoice', reason: reason ?? 'its invoice was begun', ...(rule ? { rule } : {}) };
}

/** Undefined leaves the decision to the rules. */
function verdictOfOwn(own: Confirmation | undefined, { invoicing }: Deps['policy']): Verdict | undefined {
  if (own?.end === 'unapplied') return { action: 'skip', reason: own.reason };
  if (own?.end === 'mismatch') return { action: 'review', reason: own.reason };
  if (own?.end === 'paid' && !invoicing.own_payments) {
    return {
      action: 'skip',
      reason: `it paid our invoice ${own.invoice.number}, and the policy makes no Stripe invoice of that (invoicing.own_payments)`,
    };
  }
  return undefined;
}
