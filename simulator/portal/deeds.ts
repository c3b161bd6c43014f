import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { newCard } from '../payments/payment-method.ts';
import { confirmSetup, createSetupIntent, type SetupIntent } from '../payments/setup-intent.ts';
import { testCard } from '../payments/test-cards.ts';
import { planEnd } from '../subscriptions/cancel.ts';
import { hasEnded, lastPeriodEnd, type Subscription } from '../subscriptions/subscription.ts';

type Customer = ObjectTypes['customer'];

/** What a customer does in the portal, with what Stripe makes of it. */

export const liveOf = (context: Context, customer: string): Subscription[] =>
  context.store.subscription.oldestFirst((one) => one.customer === customer && !hasEnded(one));

/** The card is saved first, as everywhere; the bank may refuse that, or want to see the customer. */
export function offerCard(context: Context, customer: Customer, name: string, returnUrl: string): SetupIntent {
  const card = testCard(name);
  if (card === undefined) throw new Error(`Bug: no test card ${name}`);
  const method = newCard(context, card, { email: customer.email, name: customer.name ?? null });
  const intent = createSetupIntent(context, { customer: customer.id });
  return confirmSetup(context, intent, method, { returnUrl });
}

/**
 * A card that was saved becomes the customer's default, and that of the subscriptions which had one of their own: else the old
 * one would still be charged. Best knowledge: Stripe's documentation only speaks of the customer's.
 */
export function useCard(context: Context, customer: Customer, method: string): void {
  context.change(customer, 'customer.updated', () => {
    customer.invoice_settings.default_payment_method = method;
  });
  for (const subscription of liveOf(context, customer.id)) {
    if (subscription.default_payment_method === null) continue;
    context.change(subscription, 'customer.subscription.updated', () => {
      subscription.default_payment_method = method;
    });
  }
}

/**
 * The end of the period: flexible subscriptions get a date, classic ones the word. Whoever reads only `cancel_at_period_end`
 * misses the former. Source: https://github.com/stripe/stripe-node/issues/2470
 */
export function cancelAtEnd(context: Context, subscription: Subscription): void {
  const classic = subscription.billing_mode.type === 'classic';
  context.change(subscription, 'customer.subscription.updated', () =>
    planEnd(context, subscription, lastPeriodEnd(subscription), classic),
  );
}

/** The customer has thought better of it. */
export function keep(context: Context, subscription: Subscription): void {
  context.change(subscription, 'customer.subscription.updated', () => planEnd(context, subscription, null, false));
}
