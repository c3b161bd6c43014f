import type Stripe from 'stripe';
import { after } from '../../platform/clock.ts';
import { MOST_PER_DAY, type RecoveryPolicy } from '../policy/recovery.ts';
import type { Decline, RetryRule } from './decline.ts';
import type { DeclineClass } from './decline-codes.ts';
import { nextAllowed } from './quiet-hours.ts';
import { latestOf, roomFrom } from './spacing.ts';

/**
 * When a card is tried again by us, or not and why, pure. A card that is new is tried once at once, in both modes; the steps
 * of the policy are ours in mode own alone. What the networks forbid is counted over all tries, whoever made them.
 */

const DAY = 86_400;

export interface CaseForRetries {
  /** As Stripe says it at this moment: a mirror lags, and a retry is money. */
  readonly live: LiveStatus;
  readonly firstFailedAt: Date;
  readonly plannedEnd?: Date | undefined;
  /** It has ended unpaid, and its invoice is open all the same: only a card that is new is tried. */
  readonly isOver?: boolean;
  /** The one that would be charged; without it there is nothing to try. */
  readonly card?: Card | undefined;
  /** On the cards of the customer, for whatever invoice: of 30 days, and of declines that forbid more however old they are. */
  readonly attempts: readonly CardAttempt[];
  /** Those of ours for this case, on whatever card. */
  readonly retries: readonly Retry[];
}

export interface LiveStatus {
  readonly invoice: Stripe.Invoice['status'];
  readonly subscription: Stripe.Subscription.Status;
  /** Of the payment of the invoice, as far as there is one. */
  readonly intent?: Stripe.PaymentIntent.Status | undefined;
  /** When Stripe tries by itself; null: it does not. */
  readonly nextAttempt?: Date | null;
}

export interface Card {
  /** The same for the same card, typed in again or not: its fingerprint. */
  readonly id: string;
  /** Since when it is the one that would be charged, with the data that it has now. */
  readonly since: Date;
}

export interface CardAttempt {
  readonly at: Date;
  readonly card: string;
  /** Without it, the try was no decline. */
  readonly decline?: Pick<Decline, 'class' | 'retry' | 'waitSeconds'> | undefined;
}

export interface Retry {
  readonly why: 'step' | 'new_card' | 'operator';
  readonly at: Date;
  readonly card: string;
}

export interface RetryCircumstances {
  readonly policy: RecoveryPolicy;
  readonly now: Date;
  /** The customer's, or what stands in for it. */
  readonly timeZone: string;
}

export type RetryPlan = PlannedRetry | NoRetry;

export interface PlannedRetry {
  readonly retry: 'step' | 'new_card';
  /** Now or later. */
  readonly at: Date;
}

export interface NoRetry {
  readonly retry: 'none';
  readonly reason: string;
}

export function nextRetry(facts: CaseForRetries, circumstances: RetryCircumstances): RetryPlan {
  const allowed = allowedFrom(facts, circumstances);
  if ('reason' in allowed) return allowed;
  const { card, attempts, earliest } = allowed;
  if (isNew(card, attempts, facts)) return before(facts.plannedEnd, { retry: 'new_card', at: earliest });
  if (facts.isOver) return none('the case has ended');
  return nextStep(facts, { ...circumstances, attempts, earliest });
}

/** What the networks, the bank and Stripe allow for a card, whoever wants the try. */
export interface Allowed {
  readonly card: Card;
  /** On it. */
  readonly attempts: readonly CardAttempt[];
  readonly earliest: Date;
}

export function allowedFrom(facts: CaseForRetries, { policy, now }: RetryCircumstances): Allowed | NoRetry {
  const { live, card } = facts;
  if (live.invoice !== 'open') return none(`the invoice is ${live.invoice}`);
  if (live.subscription !== 'past_due' && live.subscription !== 'unpaid')
    return none(`the subscription is ${live.subscription}`);
  if (live.intent === 'processing') return none('a payment of the invoice is processing');
  if (!card) return none('there is no card to try');
  const attempts = facts.attempts.filter((each) => each.card === card.id);
  const forbidding = attempts.flatMap(({ at, decline }) =>
    decline && forbids(decline.retry, at >= card.since) ? decline.class : [],
  );
  if (forbidding.length > 0) return none(`the card was declined as ${forbidding[0]}`);

  return { card, attempts, earliest: latestOf(now, ...waits(attempts), ...room(attempts, policy)) };
}

const AGAIN: ReadonlySet<RetryRule> = new Set(['few', 'spaced', 'after_wait']);

/**
 * What the card is forbids for good; what was wrong with its data, or wanted its owner there, until it is set anew.
 * @param sameData whether the card is still the one that was declined, with the same data
 */
function forbids(rule: RetryRule, sameData: boolean): boolean {
  return !AGAIN.has(rule) && (rule === 'never' || sameData);
}

function before(end: Date | undefined, planned: PlannedRetry): RetryPlan {
  return end && planned.at >= end ? none('the case ends before') : planned;
}

function waits(attempts: readonly CardAttempt[]): Date[] {
  return attempts.flatMap(({ at, decline }) => (decline ? after(at, decline.waitSeconds) : []));
}

function room(attempts: readonly CardAttempt[], { retries }: RecoveryPolicy): (Date | undefined)[] {
  const tries = attempts.map(({ at }) => at);
  return [roomFrom(tries, MOST_PER_DAY, DAY), roomFrom(tries, retries.most_per_30_days, 30 * DAY)];
}

/** Once per case and card, so that cards which take turns are not charged without end. */
function isNew(card: Card, attempts: readonly CardAttempt[], { firstFailedAt, retries }: CaseForRetries): boolean {
  return (
    card.since > firstFailedAt &&
    attempts.every(({ at }) => at < card.since) &&
    !retries.some(({ why, card: tried }) => why === 'new_card' && tried === card.id)
  );
}

interface StepCircumstances {
  /** On the card that would be charged. */
  readonly attempts: readonly CardAttempt[];
  /** Before it neither the networks nor the policy allow a try. */
  readonly earliest: Date;
  readonly policy: RecoveryPolicy;
  readonly timeZone: string;
}

function nextStep(facts: CaseForRetries, circumstances: StepCircumstances): RetryPlan {
  const { firstFailedAt, retries, plannedEnd: end, live } = facts;
  const { attempts, earliest, policy, timeZone } = circumstances;
  if (policy.mode === 'stripe') return none('Stripe tries by itself');
  if (live.nextAttempt) return none('Stripe’s own tries are on for this invoice: they are waited for');
  const most = mostTries(classOf(attempts), policy);
  // Counted over all cards: a card that is replaced does not begin the steps anew.
  const made = retries.filter(({ why }) => why === 'step').length;
  if (made >= most) return none(`at most ${most} tries after such a decline, and that many were made`);
  const last = latestOf(firstFailedAt, ...retries.map(({ at }) => at));
  const steps = policy.retries.steps_days.map((days) => after(firstFailedAt, days * DAY));
  // Steps that passed while nobody looked are one try, not several.
  const step = steps.find((each) => each > last);
  if (!step) return none('every step was made');
  const { from, to } = policy.retries.hours;
  const at = nextAllowed(latestOf(step, earliest), { from: to, to: from }, timeZone);
  return before(end, { retry: 'step', at });
}

/** Of the latest decline of the card. */
function classOf(attempts: readonly CardAttempt[]): DeclineClass | undefined {
  const inOrder = attempts.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  return inOrder.flatMap(({ decline }) => (decline ? decline.class : [])).at(-1);
}

/** The other classes forbid any, unless the card is set anew: then little is known of it. */
function mostTries(latest: DeclineClass | undefined, { retries: { most } }: RecoveryPolicy): number {
  return latest === 'money' || latest === 'later' ? most[latest] : most.unclear;
}

function none(reason: string): NoRetry {
  return { retry: 'none', reason };
}
