import { after } from '../../platform/clock.ts';
import type { Subscription, SubscriptionInvoice } from '../subscriptions/subscription.ts';
import type { CaseEnd } from './next-letter.ts';

/**
 * What has become of an invoice whose payment failed, pure: whether it is a case, how far it is, how it ended. In mode stripe it
 * is Stripe that tries and ends; here it is only read off what it says.
 */
export interface CaseRecords {
  readonly invoice: Pick<
    SubscriptionInvoice,
    | 'status'
    | 'billingReason'
    | 'collectionMethod'
    | 'amountPaid'
    | 'amountRemaining'
    | 'amountOffStripe'
    | 'attemptCount'
    | 'nextPaymentAttempt'
    | 'paidAt'
  >;
  readonly subscription: Pick<Subscription, 'status' | 'cancellationReason' | 'endedAt' | 'pendingUpdateUntil'>;
  /** From the first to the last. */
  readonly failures: readonly { readonly at: Date; readonly requiresAction: boolean }[];
  /** Where we end it; undefined: Stripe does. */
  readonly plannedEnd?: Date | undefined;
  /** We have ended the subscription, for another invoice of it. */
  readonly endedByUs?: boolean;
  readonly now: Date;
}

/** What is kept of a case that is open. */
export interface OpenCase {
  /** As Stripe counted when it was last seen open. */
  readonly attemptCount: number;
  /** A try of ours that has paid it, or is just being made: what it was for. */
  readonly paidBy?: 'step' | 'new_card' | 'operator' | undefined;
}

export interface EndOfCase {
  readonly state: 'recovered' | 'ended';
  readonly how: 'retry' | 'customer' | 'operator' | 'out_of_band' | 'refunded' | 'cancelled' | 'exhausted';
  readonly at: Date;
}

/**
 * Stripe gives up and cancels within moments. Where it leaves the subscription past due instead, nothing comes that would tell
 * the end. Seconds.
 */
export const ENDS_AFTER = 3_600;

/** Whether a case begins. The first payment is the matter of the page on which it is made, and so is that of a change which waits for it. */
export function opensCase({ invoice, subscription, failures }: CaseRecords): boolean {
  const waits = invoice.billingReason === 'subscription_update' && subscription.pendingUpdateUntil !== null;
  return (
    invoice.status === 'open' &&
    invoice.collectionMethod === 'charge_automatically' &&
    invoice.billingReason !== 'subscription_create' &&
    invoice.attemptCount > 0 &&
    invoice.amountRemaining > 0 &&
    failures.length > 0 &&
    !waits
  );
}

/** The failure after which Stripe plans no further try. One that waits for its customer is not given up, nor one that we try. */
export function givenUpAt({
  invoice,
  failures,
  plannedEnd,
}: Pick<CaseRecords, 'invoice' | 'failures' | 'plannedEnd'>): Date | null {
  const last = failures.at(-1);
  if (plannedEnd) return null;
  if (invoice.status !== 'open' || invoice.nextPaymentAttempt !== null || !last || last.requiresAction) return null;
  return last.at;
}

/** @returns undefined as long as it is open */
export function endOfCase(records: CaseRecords, kept: OpenCase): EndOfCase | undefined {
  const { invoice, subscription, now } = records;
  const ended = subscription.endedAt ?? now;
  switch (invoice.status) {
    case 'paid':
      return paid(records, kept);
    case 'void':
      return { state: 'ended', how: 'cancelled', at: now };
    case 'uncollectible':
      return { state: 'ended', how: isExhausted(records) ? 'exhausted' : 'cancelled', at: now };
    case 'draft':
    case 'open':
      if (subscription.status === 'canceled') {
        return { state: 'ended', how: isExhausted(records) ? 'exhausted' : 'cancelled', at: ended };
      }
      return records.plannedEnd ? byOurPlan(records.plannedEnd, now) : givenUp(records);
  }
}

function byOurPlan(at: Date, now: Date): EndOfCase | undefined {
  return at <= now ? { state: 'ended', how: 'exhausted', at } : undefined;
}

function paid({ invoice, now }: CaseRecords, kept: OpenCase): EndOfCase {
  const at = invoice.paidAt ?? now;
  // A credit note over all that was open: nothing is owed any more, and nothing was paid.
  if (invoice.amountPaid === 0) return { state: 'ended', how: 'refunded', at };
  if (invoice.amountOffStripe) return { state: 'recovered', how: 'out_of_band', at };
  return { state: 'recovered', how: paidBy(invoice, kept), at };
}

/** Whoever brings a new card has paid, whether we tried it or the page of Stripe did. */
const BY_TRY = { step: 'retry', new_card: 'customer', operator: 'operator' } as const;

function paidBy({ attemptCount }: CaseRecords['invoice'], kept: OpenCase): 'retry' | 'customer' | 'operator' {
  if (kept.paidBy) return BY_TRY[kept.paidBy];
  return attemptCount > kept.attemptCount ? 'retry' : 'customer';
}

function givenUp(records: CaseRecords): EndOfCase | undefined {
  const at = givenUpAt(records);
  if (!at) return undefined;
  const isOver = isExhausted(records) || after(at, ENDS_AFTER) <= records.now;
  return isOver ? { state: 'ended', how: 'exhausted', at } : undefined;
}

function isExhausted({ subscription: { status, cancellationReason }, endedByUs }: CaseRecords): boolean {
  return (
    status === 'unpaid' || (status === 'canceled' && (cancellationReason === 'payment_failed' || endedByUs === true))
  );
}

const HOW_TOLD = {
  retry: 'paid',
  customer: 'paid',
  operator: 'paid',
  out_of_band: 'paid',
  refunded: 'refunded',
  cancelled: 'cancelled',
  exhausted: 'exhausted',
} as const satisfies Record<EndOfCase['how'], CaseEnd['how']>;

/** As the rules of letters call it. */
export function asToldEnd({ how, at }: Pick<EndOfCase, 'how' | 'at'>): CaseEnd {
  return { how: HOW_TOLD[how], at };
}
