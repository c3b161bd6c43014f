import type { Db } from '../../platform/db.ts';
import { type ListOrder, type Page, type PageAsked, readPage } from '../../platform/pages.ts';
import { BESIDE_OWNER_OF_SUBSCRIPTION, OWNER_OF_SUBSCRIPTION, PERHAPS_OF_REFERENCE } from '../subscriptions/owner.ts';

/** What somebody of the application was invoiced for his subscriptions, and what he has paid; as Stripe told it, newest first. */
export interface InvoiceOfReference {
  readonly id: string;
  readonly subscription: string;
  readonly number: string | null;
  readonly status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
  readonly billing_reason: string | null;
  readonly currency: string;
  readonly total: number;
  readonly amount_paid: number;
  readonly amount_remaining: number;
  readonly due_date: Date | null;
  readonly next_payment_attempt: Date | null;
  readonly url: string | null;
  readonly created: Date;
  readonly paid_at: Date | null;
}

const INVOICES: ListOrder = {
  table: 'subscription_invoices',
  by: 'created',
  newestFirst: true,
  ids: /^in_\w{1,200}$/,
};

const OF_REFERENCE = `ARRAY(SELECT subscriptions.id FROM subscriptions ${BESIDE_OWNER_OF_SUBSCRIPTION}
  WHERE subscriptions.id = ANY(ARRAY(${PERHAPS_OF_REFERENCE})) AND ${OWNER_OF_SUBSCRIPTION} = :reference)`;

/** @returns undefined when the invoice to begin or end at is not there */
export async function invoicesOfReference(
  db: Db,
  reference: string,
  asked: PageAsked,
): Promise<Page<InvoiceOfReference> | undefined> {
  return readPage<InvoiceOfReference>(
    db,
    INVOICES,
    {
      select: `SELECT id, subscription, number, status, billing_reason, currency, total, amount_paid, amount_remaining, due_date,
          next_payment_attempt, hosted_invoice_url AS url, created, paid_at
        FROM subscription_invoices`,
      where: [`subscription = ANY(${OF_REFERENCE})`],
      bindings: { reference },
    },
    asked,
  );
}

export interface PaymentOfReference {
  /** pi_… */
  readonly id: string;
  readonly amount: number | null;
  readonly currency: string | null;
  readonly paid_at: Date | null;
  /** What has gone back of it, refunds that failed not among it. */
  readonly refunded: number;
  /** Whether it was lost in a dispute. */
  readonly dispute_lost: boolean;
  /** Null: a purchase. */
  readonly subscription: string | null;
  /** The document of it, ours or Stripe's own. */
  readonly invoice: string | null;
  readonly number: string | null;
  readonly url: string | null;
  readonly pdf: string | null;
}

const PAYMENTS: ListOrder = {
  table: 'payments',
  by: 'paid_at',
  newestFirst: true,
  key: 'payment_intent',
  ids: /^pi_\w{1,200}$/,
};

/** What was paid for a subscription is whose that is; a purchase, whose its access is, else who its customer is. */
const OWNER_OF_PAYMENT = `CASE
  WHEN paid.subscription IS NOT NULL THEN (
    SELECT ${OWNER_OF_SUBSCRIPTION} FROM subscriptions ${BESIDE_OWNER_OF_SUBSCRIPTION} WHERE subscriptions.id = paid.subscription)
  WHEN told.cause IS NOT NULL THEN told.reference
  ELSE coalesce(
    (SELECT g.reference FROM access_grants g WHERE g.cause = 'payment:' || payments.payment_intent
     ORDER BY g.ended_at IS NOT NULL, g.reference LIMIT 1),
    (SELECT c.reference FROM customers c WHERE c.account = '' AND c.stripe_customer = payments.customer)) END`;

const PERHAPS_PAYMENTS = `
  SELECT substr(cause, 9) FROM access_assignments WHERE reference = :reference AND cause LIKE 'payment:%'
  UNION SELECT substr(cause, 9) FROM access_grants WHERE reference = :reference AND cause LIKE 'payment:%'
  UNION SELECT p.payment_intent FROM payments p JOIN customers c ON c.stripe_customer = p.customer
        WHERE p.account = '' AND c.account = '' AND c.reference = :reference
  UNION SELECT p.payment_intent FROM subscription_invoices i JOIN payments p ON p.foreign_invoice = i.id
        WHERE p.account = '' AND i.subscription = ANY(${OF_REFERENCE})`;

/** Those whose money came. @returns undefined when the payment to begin or end at is not there */
export async function paymentsOfReference(
  db: Db,
  reference: string,
  asked: PageAsked,
): Promise<Page<PaymentOfReference> | undefined> {
  return readPage<PaymentOfReference>(
    db,
    PAYMENTS,
    {
      select: `SELECT payments.payment_intent AS id, amount_received AS amount, payments.currency, payments.paid_at,
          (SELECT coalesce(sum(a.amount) FILTER (WHERE a.kind = 'refund' AND a.status = 'succeeded'), 0)::bigint
           FROM adjustments a WHERE a.account = '' AND a.payment_intent = payments.payment_intent) AS refunded,
          EXISTS (SELECT FROM adjustments a WHERE a.account = '' AND a.payment_intent = payments.payment_intent
                  AND a.kind = 'dispute' AND a.status = 'lost') AS dispute_lost,
          paid.subscription, coalesce(document.stripe_invoice, paid.id) AS invoice,
          coalesce(document.number, paid.number) AS number,
          coalesce(document.hosted_invoice_url, paid.hosted_invoice_url) AS url, document.invoice_pdf AS pdf
        FROM payments
        LEFT JOIN subscription_invoices paid ON paid.id = payments.foreign_invoice
        LEFT JOIN payment_invoices document ON document.account = '' AND document.payment_intent = payments.payment_intent
          AND document.reverses IS NULL AND document.number IS NOT NULL
        LEFT JOIN access_assignments told ON told.cause = 'payment:' || payments.payment_intent`,
      where: [
        `payments.account = '' AND payments.paid_at IS NOT NULL AND amount_received > 0`,
        `payments.payment_intent = ANY(ARRAY(${PERHAPS_PAYMENTS}))`,
        `${OWNER_OF_PAYMENT} = :reference`,
      ],
      bindings: { reference },
    },
    asked,
  );
}
