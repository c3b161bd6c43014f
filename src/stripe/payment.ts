import type Stripe from 'stripe';
import { isForbidden } from './errors.ts';
import { type DocumentOfPayment, documentOf } from './our-documents.ts';

/**
 * A payment as Stripe knows it now: the payment intent, the Checkout Session that it was paid in, and whether Stripe
 * itself has an invoice for it. Everything that the product decides about a payment is decided from this.
 */
export interface Payment {
  readonly intent: Stripe.PaymentIntent;
  /** The customer of the intent, unless there is none or he was deleted. */
  readonly customer: Stripe.Customer | null;
  readonly charge: Stripe.Charge | null;
  readonly session: Stripe.Checkout.Session | null;
  readonly lineItems: readonly Stripe.LineItem[];
  /** Invoices (in_…) that this payment is allocated to. */
  readonly invoices: readonly string[];
  /** Those of them that we have made. */
  readonly documents: readonly DocumentOfPayment[];
}

/** Three reads, side by side; more only for a Checkout Session with more than ten line items. */
export async function fetchPayment(stripe: Stripe, paymentIntent: string): Promise<Payment> {
  const [intent, sessions, invoicePayments] = await Promise.all([
    withBooking('latest_charge', (charge) =>
      stripe.paymentIntents.retrieve(paymentIntent, { expand: ['customer.tax_ids', charge] }),
    ),
    stripe.checkout.sessions.list({
      payment_intent: paymentIntent,
      limit: 1,
      expand: ['data.line_items.data.taxes', 'data.shipping_cost.taxes'],
    }),
    stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: paymentIntent },
      limit: 100,
      expand: ['data.invoice'],
    }),
  ]);
  const session = sessions.data[0] ?? null;
  return {
    intent,
    customer: expanded(intent.customer),
    charge: typeof intent.latest_charge === 'string' ? null : intent.latest_charge,
    session,
    lineItems: session ? await allLineItems(stripe, session) : [],
    invoices: invoicePayments.data.map(({ invoice }) => (typeof invoice === 'string' ? invoice : invoice.id)),
    documents: invoicePayments.data.flatMap(({ invoice }) => documentOf(invoice) ?? []),
  };
}

/**
 * Asks with the booking of a charge expanded, where the key may read it. A restricted key that was given before bookings were
 * of use may not: a payment by card, which has its day without, must not stop for that.
 * @param charge the path to it
 */
export async function withBooking<T>(charge: string, ask: (expand: string) => Promise<T>): Promise<T> {
  try {
    return await ask(`${charge}.balance_transaction`);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    return ask(charge);
  }
}

async function allLineItems(stripe: Stripe, session: Stripe.Checkout.Session): Promise<Stripe.LineItem[]> {
  const embedded = session.line_items;
  if (embedded && !embedded.has_more) return embedded.data;
  return stripe.checkout.sessions
    .listLineItems(session.id, { limit: 100, expand: ['data.taxes'] })
    .autoPagingToArray({ limit: 1_000 });
}

function expanded(customer: Stripe.PaymentIntent['customer']): Stripe.Customer | null {
  return customer === null || typeof customer === 'string' || customer.deleted ? null : customer;
}
