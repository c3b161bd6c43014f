import type Stripe from 'stripe';
import type { SimulatedStripe } from '../../support/simulated-stripe.ts';

/** Where all the lives are lived. */
export interface World {
  readonly side: SimulatedStripe;
  /** Ids by lookup key. */
  readonly prices: ReadonlyMap<string, string>;
}

export interface Person {
  /** In the application. */
  readonly reference: string;
  /** cus_… */
  readonly customer: string;
}

/** The customer says yes on the page of the bank. */
export async function approve({ side }: World, intent: string): Promise<void> {
  const page = `${side.url}/c/authenticate/${intent}`;
  await fetch(page, { method: 'POST', body: new URLSearchParams({ answer: 'approve' }), redirect: 'manual' });
}

/** The payment intents of an invoice that stand so. */
export function intentsOf({ payments }: Stripe.Invoice, status: 'open' | 'paid'): string[] {
  return (payments?.data ?? []).flatMap((each) => {
    const intent = each.status === status ? each.payment.payment_intent : undefined;
    return intent === undefined ? [] : [idOf(intent)];
  });
}

export function idOf(reference: string | { readonly id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}
