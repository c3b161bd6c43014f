import type Stripe from 'stripe';

/**
 * When the money of a payment came, pure: the day of its documents, and of an own invoice's payment. A card that is
 * captured at once is paid in the moment of its charge. The charge of a debit or of an authorisation is older than the
 * money: there counts when Stripe booked it. That appears some time after `payment_intent.succeeded`, with
 * `charge.updated`; until then the day is not known, and nothing may be dated.
 * Source: Stripe documentation, "Asynchronous capture".
 */
export type MoneyArrival =
  /** Seconds since 1970. */
  | { readonly at: number }
  /** Why it is not known yet, in words. */
  | { readonly awaited: string };

/** Every other method, those of the future included, waits for its booking: that is right for each, and costs a moment. */
const PAID_WHEN_CHARGED: ReadonlySet<string> = new Set(['card', 'card_present', 'interac_present', 'link']);

/** @param charge the latest of the intent, its balance transaction expanded */
export function moneyArrival(intent: Stripe.PaymentIntent, charge: Stripe.Charge | null): MoneyArrival {
  if (!charge) return { at: intent.created };
  const method = charge.payment_method_details?.type;
  if (method && PAID_WHEN_CHARGED.has(method) && !mayBeHeld(intent)) return { at: charge.created };
  const booking = charge.balance_transaction;
  if (booking && typeof booking !== 'string') return { at: booking.created };
  if (booking) return { awaited: 'Stripe has booked it, but its key may not read balance transactions: give it that' };
  return { awaited: 'the money came, and Stripe has not booked it yet: the day is not known' };
}

/** Authorised first, captured later. A method can be set apart from the others of the intent. */
function mayBeHeld({ capture_method, payment_method_options: options }: Stripe.PaymentIntent): boolean {
  const apart = [options?.card, options?.card_present, options?.link];
  return capture_method === 'manual' || apart.some((method) => method?.capture_method);
}

/** When the payment was given: the authorisation, or the order of the debit. */
export function givenAt(intent: Stripe.PaymentIntent, charge: Stripe.Charge | null): { readonly at: number } {
  return { at: charge?.created ?? intent.created };
}
