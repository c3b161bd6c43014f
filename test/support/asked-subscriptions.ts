import type Stripe from 'stripe';
import type { Deps } from '../../src/billing/deps/deps.ts';
import { refreshInvoice, syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';
import { customerWithCard, type Plans } from './subscriptions.ts';

/** Subscriptions about which a person is asked: one too many, and one that was paid for after its end. */
export function askedSubscriptions(side: SimulatedStripe, deps: Deps, plans: Plans) {
  const { stripe } = side;
  let people = 0;

  async function subscribe(who: string, price = plans.pro) {
    const customer = await customerWithCard(side);
    const { id } = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: price.id }],
      metadata: { user_id: who },
    });
    await syncSubscription({ subscription: id }, deps);
    return { id, customer: customer.id };
  }

  /** Two of one product, of two customers at Stripe that are the same person in the application. */
  async function twice(): Promise<{ who: string; subject: string; other: string }> {
    const who = `twice-${++people}`;
    const other = (await subscribe(who)).id;
    await side.control('POST', '/_sim/clock/advance', { seconds: 60 });
    const { id: subject } = await subscribe(who);
    return { who, subject, other };
  }

  /** Its renewal failed, it was canceled, and then its customer paid all the same. */
  async function paidAfterEnd(
    by: Stripe.InvoicePayParams = { payment_method: 'pm_card_visa' },
  ): Promise<{ who: string; subject: string; subscription: string }> {
    const who = `late-${++people}`;
    const { id: subscription, customer } = await subscribe(who);
    const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer });
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } });
    for (const hours of [32 * 24, 2]) {
      await side.control('POST', '/_sim/clock/advance', { seconds: hours * 3_600 });
      await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
    }
    await syncSubscription({ subscription }, deps);
    const [open] = (await stripe.invoices.list({ subscription, status: 'open' })).data;
    await stripe.subscriptions.cancel(subscription);
    await syncSubscription({ subscription }, deps);
    await side.control('POST', '/_sim/clock/advance', { seconds: 3_600 });
    const subject = open?.id ?? '';
    await stripe.invoices.pay(subject, by);
    await refreshInvoice({ invoice: subject }, deps);
    return { who, subject, subscription };
  }

  return { subscribe, twice, paidAfterEnd };
}
