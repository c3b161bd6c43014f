import type Stripe from 'stripe';
import type { Payment } from '../../stripe/payment.ts';

/** What was bought with a one-off payment, and who said to have bought it. */
export interface Purchase {
  readonly paymentIntent: string;
  /** `client_reference_id` of the session. */
  readonly saidReference: string | null;
  /** Of customer, payment intent and session; the session overrules. */
  readonly metadata: Readonly<Record<string, string>>;
  /** cus_… */
  readonly customer: string | null;
  /** clock_… that his time goes by, in test mode. */
  readonly testClock: string | null;
  readonly email: string | null;
  /** Of the payment intent. */
  readonly description: string | null;
  readonly items: readonly BoughtItem[];
  /** Received, minor units of `currency`. */
  readonly amount: number;
  readonly currency: string;
  readonly paidAt: Date;
}

export interface BoughtItem {
  /** prod_… */
  readonly product: string | null;
  /** price_… */
  readonly price: string | null;
  readonly quantity: number;
  readonly description: string | null;
}

/**
 * Pure. What pays an invoice is no purchase: its subscription, or whoever wrote it, says what is given for it. One that
 * Checkout makes of its own sale (`invoice_creation`) is.
 * @param at seconds since 1970: when the money came
 * @returns undefined when nothing was bought, or nothing was paid
 */
export function purchaseOf(payment: Payment, at: number): Purchase | undefined {
  const { intent, session, customer, lineItems } = payment;
  if (intent.status !== 'succeeded' || intent.amount_received <= 0 || !isSale(payment)) return undefined;
  return {
    paymentIntent: intent.id,
    saidReference: session?.client_reference_id ?? null,
    metadata: { ...customer?.metadata, ...intent.metadata, ...session?.metadata },
    customer: customer?.id ?? null,
    testClock: clockOf(customer),
    email:
      session?.customer_details?.email ?? session?.customer_email ?? intent.receipt_email ?? customer?.email ?? null,
    description: intent.description,
    items: lineItems.map(itemOf),
    amount: intent.amount_received,
    currency: intent.currency,
    paidAt: new Date(at * 1000),
  };
}

function clockOf(customer: Payment['customer']): string | null {
  const clock = customer?.test_clock ?? null;
  return typeof clock === 'string' ? clock : (clock?.id ?? null);
}

/** The mark of payments of own invoices: own-invoices/follow-own-invoice.ts. */
const OWN_INVOICE = 'quittance_invoice';

function isSale({ intent, session, invoices, documents }: Payment): boolean {
  if (intent.metadata[OWN_INVOICE] ?? session?.metadata?.[OWN_INVOICE]) return false;
  if (session) return session.mode === 'payment';
  return invoices.every((invoice) =>
    documents.some((document) => document.invoice === invoice && document.madeFor === intent.id),
  );
}

function itemOf({ price, quantity, description }: Stripe.LineItem): BoughtItem {
  const product = price?.product;
  return {
    product: (typeof product === 'string' ? product : product?.id) ?? null,
    price: price?.id ?? null,
    quantity: quantity ?? 1,
    description: description ?? null,
  };
}
