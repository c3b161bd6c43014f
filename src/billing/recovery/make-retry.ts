import { after } from '../../platform/clock.ts';
import { whenFree } from '../../platform/when-free.ts';
import { isDecline, isRefusal, wantsItsCustomer } from '../../stripe/errors.ts';
import { keyedWrite } from '../../stripe/keyed-write.ts';
import type { Deps } from '../deps/deps.ts';
import { writeFailures } from '../subscriptions/payment-attempts.ts';
import { nowAt } from '../subscriptions/subscriptions.ts';
import { refreshInvoice } from '../subscriptions/sync-subscription.ts';
import { whereToSet } from './card-to-try.ts';
import { howItStands, type Standing, triesOn } from './how-it-stands.ts';
import { endRetry, type RetryRow, raiseKeyVersion } from './recovery-retries.ts';
import type { CaseToRetry } from './retry-looks.ts';

/**
 * Makes a try that is on record, or finds that it was made: whoever goes on after a crash looks first. The card is set where
 * Stripe looks, then the open invoice is paid with it, under the key of the row.
 */

/** Stripe keeps keys for a day at least: within it a repetition is none. What is older is decided anew. Seconds. */
const KEY_HOLDS = 20 * 3_600;

export interface RetryEnd {
  readonly state: Exclude<RetryRow['state'], 'asking'>;
  /** In words. */
  readonly said: string;
}

/** @param known how it stands, if that was asked just now. */
export async function makeRetry(retry: RetryRow, unpaid: CaseToRetry, deps: Deps, known?: Standing): Promise<RetryEnd> {
  const stands = known ?? (await howItStands(unpaid, deps));
  const end = endSeen(retry, stands, await nowAt(deps.db)) ?? (await tryCard(retry, unpaid, stands, deps));
  await deps.db.transaction(async (trx) => {
    await endRetry(trx, retry.id, end);
  });
  return end;
}

/** Whether it was made already, or can't be made any more. */
export function endSeen(retry: RetryRow, stands: Standing, now: Date): RetryEnd | undefined {
  const { invoice, subscription, intent, methods } = stands.collection;
  const left = (said: string): RetryEnd => ({ state: 'left', said });
  if (invoice === 'paid') return { state: 'paid', said: 'the invoice is paid' };
  if (triesOn(retry.card, stands) > retry.tries_before) return { state: 'declined', said: 'the card was declined' };
  if (invoice !== 'open') return left(`the invoice is ${invoice}`);
  if (intent === 'processing') return { state: 'processing', said: 'the payment is on its way' };
  if (subscription !== 'past_due' && subscription !== 'unpaid') return left(`the subscription is ${subscription}`);
  if (!methods.saved.some(({ id }) => id === retry.payment_method)) return left('the customer has removed the card');
  return after(retry.asked_at, KEY_HOLDS) <= now ? left('nobody came to make it for a day') : undefined;
}

async function tryCard(
  retry: RetryRow,
  { customer, subscription }: CaseToRetry,
  stands: Standing,
  deps: Deps,
): Promise<RetryEnd> {
  const { stripe } = deps;
  const { methods } = stands.collection;
  const method = methods.saved.find(({ id }) => id === retry.payment_method);
  const { onSubscription, onCustomer } = method
    ? whereToSet(method, methods, stands.tries)
    : { onSubscription: false, onCustomer: false };
  if (onSubscription) await stripe.subscriptions.update(subscription, { default_payment_method: retry.payment_method });
  if (onCustomer) {
    await stripe.customers.update(customer, { invoice_settings: { default_payment_method: retry.payment_method } });
  }
  const answer = await pay(retry, subscription, deps);
  await whenFree(() => refreshInvoice({ invoice: retry.invoice }, deps));
  return answer;
}

async function pay(retry: RetryRow, subscription: string, deps: Deps): Promise<RetryEnd> {
  const { id, invoice, payment_method, key_version } = retry;
  try {
    const paid = await keyedWrite(
      () => raiseKeyVersion(deps.db, retry),
      () =>
        deps.stripe.invoices.pay(
          invoice,
          { payment_method, off_session: true },
          { idempotencyKey: `recovery-retry:${id}:${key_version}` },
        ),
    );
    return paid.status === 'paid'
      ? { state: 'paid', said: 'the invoice is paid' }
      : { state: 'processing', said: 'the payment is on its way' };
  } catch (error) {
    if (isDecline(error)) {
      if (wantsItsCustomer(error)) await noteWantsCustomer(retry, subscription, deps);
      return { state: 'declined', said: `declined: ${error.decline_code ?? error.code ?? error.message}` };
    }
    if (isRefusal(error)) return { state: 'refused', said: error.message };
    throw error;
  }
}

/** Stripe makes no charge of it, so it would be among no failures: what the customer is told depends on it. */
async function noteWantsCustomer(retry: RetryRow, subscription: string, deps: Deps): Promise<void> {
  const { id, invoice, card, payment_method: paymentMethod } = retry;
  const failure = {
    id: `${invoice}:retry:${id}`,
    at: retry.at,
    paymentIntent: null,
    code: 'authentication_required',
    reason: null,
    adviceCode: null,
    networkAdviceCode: null,
    requiresAction: true,
    card,
    paymentMethod,
    cardExpires: null,
  };
  await deps.db.transaction(async (trx) => {
    await writeFailures(trx, invoice, [failure]);
    await deps.changed(trx, { record: 'subscription', id: subscription });
  });
}
