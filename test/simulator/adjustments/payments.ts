import type Stripe from 'stripe';
import type { Simulated } from '../invoicing/simulated.ts';

/** A payment that has succeeded, in minor units of euro unless told otherwise. */
export async function paid(
  { stripe }: Simulated,
  params: Partial<Stripe.PaymentIntentCreateParams> = {},
): Promise<Stripe.PaymentIntent & { charge: string }> {
  const intent = await stripe.paymentIntents.create({
    amount: 1000,
    currency: 'eur',
    payment_method: 'pm_card_visa',
    confirm: true,
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
    ...params,
  });
  return Object.assign(intent, { charge: `${intent.latest_charge}` });
}
