import { type PaymentProgress, progressOfStatus, type ToldSession } from './told-session.ts';

/**
 * What became of a checkout: pure. Success is `succeeded` in `succeeded` and `failed`, whatever else there is. The definition
 * for people: docs/checkouts.md.
 */
export type SessionOutcome =
  /** It can still be paid, tried or not. */
  | { readonly outcome: 'open'; readonly reason: null }
  | { readonly outcome: 'pending'; readonly reason: PendingReason }
  /** Paid, or nothing was to be paid, and whoever bought has what he bought: a document, or access. */
  | { readonly outcome: 'succeeded'; readonly reason: null }
  | { readonly outcome: 'failed'; readonly reason: FailureReason }
  /** Nobody has tried to pay. */
  | { readonly outcome: 'abandoned'; readonly reason: null }
  /** Paid, and the rules of the business leave it to somebody else. */
  | { readonly outcome: 'left_out'; readonly reason: null };

export const FAILURE_REASONS = ['declined', 'not_confirmed', 'payment_failed', 'question', 'not_fulfilled'] as const;

/**
 * `declined`: the last try was, and no other came. `not_confirmed`: nor was it finished, a confirmation at the bank for one.
 * `payment_failed`: a bank debit did not come. Of those who have paid: `question`, a person must answer first; `not_fulfilled`, nothing
 * was made of it in time.
 */
export type FailureReason = (typeof FAILURE_REASONS)[number];

/**
 * `not_told`: it has ended, and Stripe was not asked since. `under_way`: a bank debit, or money that is held. `booking`: the document
 * waits for the day of the money. `in_work`: paid a moment ago.
 */
export type PendingReason = 'not_told' | 'under_way' | 'booking' | 'in_work';

/** From the moment at which it was seen as paid. An event takes seconds; a quarter of an hour behind is a lag that wakes people. */
export const FULFILLED_WITHIN_SECONDS = 15 * 60;

/** All that is known of a session here. */
export interface SessionFacts extends Pick<ToldSession, 'mode' | 'status' | 'payment_status' | 'payment'> {
  readonly failure_code: string | null;
  /** Whether Stripe was asked about it since it has ended. */
  readonly is_told: boolean;
  /** Of its payment, as events have told, where that is newer. */
  readonly intent_status: string | null;
  /** Its own subscription is known here. */
  readonly is_begun: boolean;
  readonly has_document: boolean;
  readonly has_access: boolean;
  /** A person is asked for what keeps the access back, or the document. */
  readonly asked: 'access' | 'document' | null;
  readonly is_skipped: boolean;
  readonly awaits_booking: boolean;
  /** It is known as paid and not served for too long. */
  readonly is_overdue: boolean;
}

export function sessionOutcome(facts: SessionFacts): SessionOutcome {
  switch (facts.status) {
    case 'open':
      return { outcome: 'open', reason: null };
    case 'expired':
      return outcomeOfExpired(facts);
    case 'complete':
      return outcomeOfComplete(facts);
  }
}

function outcomeOfExpired({ payment, failure_code, is_told }: SessionFacts): SessionOutcome {
  if (!is_told) return pending('not_told');
  if (payment === 'none') return { outcome: 'abandoned', reason: null };
  return failed(payment === 'failed' && failure_code !== null ? 'declined' : 'not_confirmed');
}

function outcomeOfComplete(facts: SessionFacts): SessionOutcome {
  const isFree = facts.payment_status === 'no_payment_required';
  // An order of 0 leaves nothing to document.
  if (isFree && facts.mode === 'payment') return SUCCEEDED;
  const progress = isFree ? 'succeeded' : progressOf(facts);
  switch (progress) {
    case 'none':
      return pending('not_told');
    case 'under_way':
      return pending('under_way');
    case 'failed':
      return failed('payment_failed');
    case 'succeeded':
      return outcomeOfPaid(facts, isFree);
  }
}

/** Nobody is served who has not paid. What Stripe told while it was open may be of a try before. */
function progressOf(facts: SessionFacts): PaymentProgress {
  const { payment, payment_status, is_told, intent_status, has_document, has_access } = facts;
  if (payment_status === 'paid' || payment === 'succeeded' || has_document || has_access) return 'succeeded';
  if (intent_status !== null) return progressOfStatus(intent_status);
  if (!is_told) return 'none';
  return payment === 'none' ? 'under_way' : payment;
}

function outcomeOfPaid(facts: SessionFacts, isFree: boolean): SessionOutcome {
  const { asked, has_document, has_access, is_begun, is_skipped, awaits_booking } = facts;
  // Who has his document and waits for what he has bought is not served.
  if (asked === 'access' && !has_access) return unserved('question', facts);
  if (has_document || has_access || (isFree && is_begun)) return SUCCEEDED;
  if (asked !== null) return unserved('question', facts);
  if (is_skipped) return { outcome: 'left_out', reason: null };
  return awaits_booking ? pending('booking') : unserved('not_fulfilled', facts);
}

function unserved(reason: 'question' | 'not_fulfilled', { is_overdue }: SessionFacts): SessionOutcome {
  return is_overdue ? failed(reason) : pending('in_work');
}

const SUCCEEDED: SessionOutcome = { outcome: 'succeeded', reason: null };

function pending(reason: PendingReason): SessionOutcome {
  return { outcome: 'pending', reason };
}

function failed(reason: FailureReason): SessionOutcome {
  return { outcome: 'failed', reason };
}

/** When it is decided again, in seconds; null: only when there is news of it. */
export function looksAgainAfter({ outcome, reason }: SessionOutcome): number | null {
  if (outcome !== 'pending' && outcome !== 'failed') return null;
  switch (reason) {
    case 'in_work':
      return 15;
    case 'not_told':
    case 'booking':
    case 'under_way':
      return 300;
    // Who is served late counts as served from then on.
    case 'question':
    case 'not_fulfilled':
      return 3_600;
    case 'declined':
    case 'not_confirmed':
    case 'payment_failed':
      return null;
  }
}
