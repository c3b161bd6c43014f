import { adjustPayment } from '../adjustments/adjust-payment.ts';
import type { Deps } from '../deps/deps.ts';
import { attemptOfSession } from '../own-invoices/checkout-attempts.ts';
import { confirmCheckout } from '../own-invoices/confirm-checkout.ts';
import { countDocuments } from './documents.ts';
import type { Found } from './page.ts';

type Bringable = Exclude<Found, { problem: string }>;

/** Brings one thing that a backfill found into agreement with Stripe. A checkout as the return page does it, then its payment. */
export async function bring(found: Bringable, deps: Deps): Promise<void> {
  if ('bring' in found) {
    await found.bring(deps);
    return;
  }
  if ('session' in found) await confirmCheckout(found.session, deps);
  const payment = await paymentOf(found, deps);
  const useCase = 'useCase' in found ? found.useCase : adjustPayment;
  if (payment) await useCase({ account: '', paymentIntent: payment }, deps);
}

/** How many documents the payment has, which a checkout may not have come to yet. */
export async function documentsOf(found: Bringable, deps: Deps): Promise<number> {
  const payment = await paymentOf(found, deps);
  return payment ? countDocuments(deps.db, { account: '', paymentIntent: payment }) : 0;
}

async function paymentOf(found: Bringable, { db }: Deps): Promise<string | null | undefined> {
  if ('bring' in found) return undefined;
  return 'payment' in found ? found.payment : (await attemptOfSession(db, found.session))?.payment_intent;
}
