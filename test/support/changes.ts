import type Stripe from 'stripe';
import { confirmChange, type End } from '../../src/billing/changes/confirm-change.ts';
import type { Preview } from '../../src/billing/changes/preview.ts';
import { previewChange } from '../../src/billing/changes/preview-change.ts';
import type { WantedChange } from '../../src/billing/changes/wanted-change.ts';
import { syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import type { BillingUnderTest } from './billing-deps.ts';
import { customerWithCard } from './subscriptions.ts';

/** Subscriptions that are changed, by the use cases themselves. */
export const by = { actor: 'key:shop', reason: 'the customer has asked for it' };

export interface Begun {
  readonly id: string;
  readonly customer: string;
  readonly item: string;
}

export function changesOf({ deps, side }: Pick<BillingUnderTest, 'deps' | 'side'>) {
  const { stripe } = side;

  /** With a card that works, half of its first period over unless something else is said. */
  async function begun(
    items: readonly { price: string; quantity?: number }[],
    { card, ...params }: Omit<Partial<Stripe.SubscriptionCreateParams>, 'items'> & { card?: string } = {},
  ): Promise<Begun> {
    const customer = await customerWithCard(side, {}, card);
    const made = await stripe.subscriptions.create({ customer: customer.id, items: [...items], ...params });
    await syncSubscription({ subscription: made.id }, deps);
    return { id: made.id, customer: customer.id, item: made.items.data[0]?.id ?? '' };
  }

  const preview = (id: string, wanted: WantedChange): Promise<Preview> => previewChange(id, wanted, deps);
  const confirm = (id: string, wanted: WantedChange, seen: Preview): Promise<End> =>
    confirmChange(id, confirmed(wanted, seen), by, deps);

  return {
    begun,
    preview,
    confirm,
    async change(id: string, wanted: WantedChange) {
      const seen = await preview(id, wanted);
      const end = await confirm(id, wanted, seen);
      if (end.end !== 'made') throw new Error(`The preview was stale: ${end.why}`);
      return { seen, change: end.change };
    },
    /** Of a subscription, oldest first. */
    async invoices(id: string): Promise<Stripe.Invoice[]> {
      return (await stripe.invoices.list({ subscription: id, limit: 100 })).data.reverse();
    },
    async useCard(customer: string, card: string): Promise<void> {
      const method = await stripe.paymentMethods.attach(card, { customer });
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
    },
    pass: (seconds: number) => side.control('POST', '/_sim/clock/advance', { seconds }),
  };
}

export function confirmed(wanted: WantedChange, { dueNow, total, prorationDate }: Preview) {
  return { ...wanted, expected: { dueNow, total }, prorationDate };
}

export const DAY = 86_400;
