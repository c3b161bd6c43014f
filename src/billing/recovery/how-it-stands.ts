import { whenFree } from '../../platform/when-free.ts';
import { type Collection, fetchCollection, type SavedMethod } from '../../stripe/collection.ts';
import type { Deps } from '../deps/deps.ts';
import { type Failed, failuresOfCustomer } from '../subscriptions/payment-attempts.ts';
import { refreshInvoice } from '../subscriptions/sync-subscription.ts';
import type { TriedMethod } from './card-to-try.ts';
import { classifyDecline } from './decline.ts';
import type { CardAttempt } from './next-retry.ts';
import type { CaseToRetry } from './retry-looks.ts';

/** All that a try is decided by, as Stripe says it at this moment: a mirror lags, and a try is money. */
export interface Standing {
  readonly collection: Collection;
  /** On the cards of the customer, for whatever invoice of a subscription. */
  readonly attempts: readonly CardAttempt[];
  /** Of this invoice, from the first to the last. */
  readonly tries: readonly TriedMethod[];
}

/** Brings what is known of the invoice and its failures into agreement with Stripe first. */
export async function howItStands({ invoice, subscription, customer }: CaseToRetry, deps: Deps): Promise<Standing> {
  await whenFree(() => refreshInvoice({ invoice }, deps));
  const collection = await fetchCollection(deps.stripe, { invoice, subscription });
  const failed = await failuresOfCustomer(deps.db, customer);
  return {
    collection,
    attempts: failed.map((each) => attemptOf(each, collection.methods.saved)),
    tries: failed.filter((each) => each.invoice === invoice).map(triedOf),
  };
}

function attemptOf(failed: Failed, saved: readonly SavedMethod[]): CardAttempt {
  const { at, card, payment_method: method } = failed;
  const known = card ?? saved.find(({ id }) => id === method)?.card ?? method ?? 'none';
  return { at, card: known, decline: classifyDecline(failed) };
}

function triedOf({ id, invoice, at, card, payment_method, card_expires, requires_action }: Failed): TriedMethod {
  const isCharge = !id.startsWith(`${invoice}:`);
  return {
    at,
    card,
    paymentMethod: payment_method,
    cardExpires: card_expires,
    nothingThere: !isCharge && !requires_action && payment_method === null,
  };
}

/** How often this card was tried for this invoice. */
export function triesOn(card: string, { collection, tries }: Standing): number {
  const methods = collection.methods.saved.filter((each) => each.card === card).map(({ id }) => id);
  return tries.filter(
    (tried) => tried.card === card || (tried.paymentMethod !== null && methods.includes(tried.paymentMethod)),
  ).length;
}
