import type { CustomersMethods, SavedMethod } from '../../stripe/collection.ts';
import type { Card } from './next-retry.ts';
import { earliestOf } from './spacing.ts';

/**
 * Which card an open invoice would be tried on, pure: one that is new since the payment failed, else the one that Stripe looks
 * at first. And where it must be set, so that Stripe charges it, too:
 * docs.stripe.com/billing/revenue-recovery/smart-retries
 */

/** A failed try, with what was charged as far as it is known. */
export interface TriedMethod {
  readonly at: Date;
  /** Fingerprint. */
  readonly card: string | null;
  readonly paymentMethod: string | null;
  readonly cardExpires: string | null;
  /** There was nothing to charge. */
  readonly nothingThere: boolean;
}

export interface CardToTry extends Card {
  /** pm_… */
  readonly method: string;
}

/**
 * @param tries of this invoice, from the first to the last
 * @returns undefined when the customer has nothing that could be charged
 */
export function cardToTry(
  methods: CustomersMethods,
  tries: readonly TriedMethod[],
  firstFailedAt: Date,
  now: Date,
): CardToTry | undefined {
  const first = methodLookedAtFirst(methods);
  const added = methods.saved
    .filter(({ created }) => created > firstFailedAt)
    .toSorted((one, other) => Number(other.id === methods.ofCustomer) - Number(one.id === methods.ofCustomer));
  for (const method of first ? [first, ...added] : added) {
    const since = newSince(method, tries, firstFailedAt, now);
    if (since) return card(method, since);
  }
  // Stripe's test clocks may stand before a card was made: what was tried was there by then.
  return first && card(first, earliestOf(first.created, tries.find((tried) => isOf(tried, first))?.at));
}

function card({ id, card: fingerprint }: SavedMethod, since: Date): CardToTry {
  return { id: fingerprint, method: id, since };
}

/** Undefined: where it looks is nothing that is saved, or a source of old. */
function methodLookedAtFirst({ ofSubscription, hasOwnSource, ofCustomer, saved }: CustomersMethods) {
  const id = ofSubscription ?? (hasOwnSource ? null : ofCustomer);
  return saved.find((each) => each.id === id);
}

/**
 * Since when it is another than the one that was declined for this invoice; undefined: it is that one. A card that was saved
 * before, and is charged only now, is one since now, and so is one whose data are others.
 */
function newSince(
  method: SavedMethod,
  tries: readonly TriedMethod[],
  firstFailedAt: Date,
  now: Date,
): Date | undefined {
  const last = tries.findLast((tried) => isOf(tried, method));
  const isTheSame = last !== undefined && last.paymentMethod === method.id;
  if (!isTheSame && method.created > (last?.at ?? firstFailedAt)) return method.created;
  if (!last) return now;
  const isRenewed = last.cardExpires !== null && method.expires !== null && last.cardExpires !== method.expires;
  return isRenewed ? now : undefined;
}

/** What is not known of a try is taken for this one, if it was there by then: none is tried twice for want of knowledge. */
function isOf(tried: TriedMethod, method: SavedMethod): boolean {
  if (tried.nothingThere) return false;
  if (tried.card === null && tried.paymentMethod === null) return method.created <= tried.at;
  return tried.card === method.card || tried.paymentMethod === method.id;
}

/** Where the card is not set yet. */
export interface WhereToSet {
  readonly onSubscription: boolean;
  readonly onCustomer: boolean;
}

/**
 * On the subscription always, for that is where Stripe looks first. On the customer only where there is nothing, or what was
 * declined: other subscriptions are charged by it, too.
 */
export function whereToSet(
  { id }: SavedMethod,
  { ofSubscription, ofCustomer, saved }: CustomersMethods,
  tries: readonly TriedMethod[],
): WhereToSet {
  const before = saved.find((each) => each.id === ofCustomer);
  const wasDeclined = before !== undefined && tries.some((tried) => isOf(tried, before));
  return {
    onSubscription: ofSubscription !== id,
    onCustomer: ofCustomer !== id && (before === undefined || wasDeclined),
  };
}
