import type Stripe from 'stripe';
import { fromUnix } from '../platform/clock.ts';
import { fingerprintOf, monthOf } from './failed-payments.ts';

/** How an open invoice of a subscription stands at this moment, and what its customer has to pay it with. */
export interface Collection {
  readonly invoice: Stripe.Invoice['status'];
  readonly subscription: Stripe.Subscription.Status;
  /** Of the payment of the invoice, as far as there is one. */
  readonly intent: Stripe.PaymentIntent.Status | undefined;
  /** When Stripe tries by itself; null: it does not. */
  readonly nextAttempt: Date | null;
  readonly methods: CustomersMethods;
}

/** Of a customer, and where Stripe looks for the one to charge: in this order, behind a source of the subscription of old. */
export interface CustomersMethods {
  /** `subscription.default_payment_method` */
  readonly ofSubscription: string | null;
  /** `subscription.default_source`: charged before anything of the customer. */
  readonly hasOwnSource: boolean;
  /** `customer.invoice_settings.default_payment_method` */
  readonly ofCustomer: string | null;
  /** Those that can be charged, newest first. */
  readonly saved: readonly SavedMethod[];
}

export interface SavedMethod {
  /** pm_… */
  readonly id: string;
  /** Fingerprint; where Stripe has none, the id. */
  readonly card: string;
  readonly created: Date;
  /** `2027-04` */
  readonly expires: string | null;
}

/** Three requests. */
export async function fetchCollection(
  stripe: Stripe,
  ids: { readonly invoice: string; readonly subscription: string },
): Promise<Collection> {
  const subscription = await stripe.subscriptions.retrieve(ids.subscription, { expand: ['customer'] });
  const invoice = await stripe.invoices.retrieve(ids.invoice, { expand: ['payments.data.payment.payment_intent'] });
  const { customer } = subscription;
  const saved = await stripe.paymentMethods.list({
    customer: typeof customer === 'string' ? customer : customer.id,
    limit: 100,
  });
  return {
    invoice: invoice.status,
    subscription: subscription.status,
    intent: intentOf(invoice)?.status,
    nextAttempt: invoice.next_payment_attempt === null ? null : fromUnix(invoice.next_payment_attempt),
    methods: {
      ofSubscription: idOf(subscription.default_payment_method),
      hasOwnSource: subscription.default_source !== null,
      ofCustomer:
        typeof customer === 'string' || customer.deleted
          ? null
          : idOf(customer.invoice_settings.default_payment_method),
      saved: saved.data.map(methodOf),
    },
  };
}

/** The default one; others are attached to it by people. */
function intentOf({ payments }: Stripe.Invoice): Stripe.PaymentIntent | undefined {
  const open = payments?.data.find(({ is_default: isDefault, status }) => isDefault && status === 'open');
  const intent = open?.payment.payment_intent;
  return typeof intent === 'string' ? undefined : intent;
}

function methodOf(method: Stripe.PaymentMethod): SavedMethod {
  return {
    id: method.id,
    card: fingerprintOf(method) ?? method.id,
    created: fromUnix(method.created),
    expires: method.card ? monthOf(method.card) : null,
  };
}

function idOf(reference: string | { readonly id: string } | null): string | null {
  return typeof reference === 'string' ? reference : (reference?.id ?? null);
}
