import type Stripe from 'stripe';
import { BusyError } from '../../platform/errors.ts';
import { lookUntil } from '../../platform/look-until.ts';
import { isRefusal, rateLimitPause } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { syncBegun } from '../subscriptions/sync-subscription.ts';
import { referenceOfCustomer } from './customers.ts';
import { followPurchase } from './follow-purchase.ts';
import { saidIn } from './reference.ts';

/** What has become of the checkout that somebody comes back from. */
export type CheckoutEnd =
  /** What was bought is on record. */
  | 'done'
  /** It is not paid (yet), or a worker is at it. */
  | 'pending'
  /** There is no such checkout of this reference. */
  | 'unknown';

const LOOK_AGAIN_MS = 500;

/**
 * For the page to which Checkout leads back: asks Stripe and does at once what the webhook will do, by the same use case. The
 * browser's word counts nothing; a checkout of somebody else is as unknown as none.
 * @param waitSeconds how long at most
 */
export async function followCheckout(
  session: string,
  reference: string,
  waitSeconds: number,
  deps: Deps,
): Promise<CheckoutEnd> {
  const look = async (): Promise<CheckoutEnd | undefined> => {
    const end = await lookOnce(session, reference, deps);
    return end === 'pending' ? undefined : end;
  };
  return (await lookUntil(look, { seconds: waitSeconds, everyMs: LOOK_AGAIN_MS })) ?? 'pending';
}

async function lookOnce(id: string, reference: string, deps: Deps): Promise<CheckoutEnd> {
  try {
    const session = await deps.stripe.checkout.sessions.retrieve(id, { expand: ['customer', 'payment_intent'] });
    if ((await referenceOfSession(session, deps)) !== reference) return 'unknown';
    // A trial asks for no payment, and a bank debit is complete before its money has come.
    if (session.status !== 'complete' || session.payment_status === 'unpaid') return 'pending';
    const [payment, subscription] = [idOf(session.payment_intent), idOf(session.subscription)];
    if (payment) await followPurchase({ account: '', paymentIntent: payment }, deps);
    if (subscription) await syncBegun({ subscription }, deps);
    return 'done';
  } catch (error) {
    if (error instanceof BusyError || rateLimitPause(error) !== undefined) return 'pending';
    if (isRefusal(error)) return 'unknown';
    throw error;
  }
}

function idOf(reference: string | { readonly id: string } | null): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}

async function referenceOfSession(
  { client_reference_id, metadata, customer, payment_intent }: Stripe.Checkout.Session,
  { db, policy }: Pick<Deps, 'db' | 'policy'>,
): Promise<string | undefined> {
  const buyer = typeof customer === 'string' || !customer || customer.deleted ? null : customer;
  const intent = typeof payment_intent === 'string' ? null : payment_intent;
  const all = { ...buyer?.metadata, ...intent?.metadata, ...metadata };
  return (
    saidIn(client_reference_id, all, policy.access) ?? (buyer ? await referenceOfCustomer(db, buyer.id) : undefined)
  );
}
