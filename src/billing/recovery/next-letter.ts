import { after } from '../../platform/clock.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import { ASK, type Ask } from './decline.ts';
import type { DeclineClass } from './decline-codes.ts';
import { nextAllowed } from './quiet-hours.ts';
import { earliestOf, latestOf, roomFrom } from './spacing.ts';

/**
 * Which letter about a failed payment is due next and when, or none and why, pure. It is decided by what was sent and not by
 * what was planned: whoever has not asked for three days finds one letter to send, not three.
 */

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Stripe gives up a subscription whose first payment fails after 23 hours; until then the checkout page speaks of it. */
const CHECKOUT_SECONDS = 23 * HOUR;

/** An end that is told later than this is no news. Seconds. */
const END_IS_NEWS = 7 * DAY;

export type LetterKind = 'failed' | 'reminder' | 'warning' | 'ended';

export interface CaseForLetters {
  /** Of the invoice, as Stripe names it. */
  readonly billingReason: string | null;
  /** From the first to the last, at least one. */
  readonly failures: readonly Failure[];
  /**
   * When it ends if nothing is paid, as far as known. After a failure that Stripe lets no other follow
   * (`next_payment_attempt` is null) that is the moment of the failure.
   */
  readonly plannedEnd?: Date | undefined;
  readonly ended?: CaseEnd | undefined;
  /** Those that spoke of this case, from the first to the last. */
  readonly letters: readonly CaseLetter[];
}

export interface Failure {
  readonly at: Date;
  readonly class: DeclineClass;
}

/** `exhausted`: unpaid to the end, by our plan or by Stripe's. `cancelled`: by a person, the customer among them. */
export interface CaseEnd {
  readonly how: 'paid' | 'refunded' | 'cancelled' | 'exhausted';
  readonly at: Date;
}

export interface CaseLetter {
  readonly kind: LetterKind;
  readonly at: Date;
}

export interface LetterCircumstances {
  readonly policy: RecoveryPolicy;
  readonly now: Date;
  /** The customer's, or what stands in for it. */
  readonly timeZone: string;
  /** About failed payments, over all cases of the customer, those of this one included. */
  readonly lettersToCustomer: readonly Date[];
}

/** `at` is now or later, outside of quiet hours. */
export type LetterPlan =
  | { readonly letter: LetterKind; readonly at: Date; readonly ask: Ask }
  | { readonly letter: 'none'; readonly reason: string };

export function nextLetter(facts: CaseForLetters, circumstances: LetterCircumstances): LetterPlan {
  const { ended, letters, plannedEnd: end } = facts;
  const { policy, now } = circumstances;
  if (ended && ended.how !== 'exhausted') return none(`the case is closed: ${ended.how}`);
  const failures = failuresToTell(facts);
  const last = failures.at(-1);
  if (!last) return none('the checkout page speaks of the first payment');
  if (letters.length >= policy.letters.most_per_case)
    return none(`at most ${policy.letters.most_per_case} letters per case, and that many were sent`);
  const ask = ASK[last.class];
  if (ended) return aboutTheEnd(ended, facts, ask, circumstances);
  // What comes within moments of the last failure is its end, and one letter tells both.
  if (end && end <= now) return none('its end has come, and the letter about that tells it');

  const warning = warningOf(facts, circumstances);
  const told =
    letters.length === 0 ? firstOf(failures, last, circumstances) : reminderOf(facts, warning, circumstances);
  const next = told && warning ? sooner(told, warning, policy) : (told ?? warning);
  if (!next) return none('every letter before the end was sent');
  if (end && next.at >= end) return none('it would come after the end, and the letter about that tells it');
  return { ...next, ask };
}

/** A letter, and when it can go. */
interface Turn {
  readonly letter: LetterKind;
  readonly at: Date;
}

function failuresToTell({ billingReason, failures }: CaseForLetters): readonly Failure[] {
  const [first] = failures;
  if (!first || billingReason !== 'subscription_create') return failures;
  return failures.filter(({ at }) => at > after(first.at, CHECKOUT_SECONDS));
}

/** Only the customer can help: nothing is won by waiting. */
const AT_ONCE: ReadonlySet<DeclineClass> = new Set(['lost_card', 'stop', 'not_possible', 'authenticate', 'card_data']);

function firstOf(failures: readonly Failure[], last: Failure, circumstances: LetterCircumstances): Turn {
  const [first = last, second] = failures;
  const patience = after(first.at, circumstances.policy.letters.patience_hours * HOUR);
  return turn('failed', AT_ONCE.has(last.class) ? last.at : earliestOf(patience, second?.at), circumstances);
}

/** Places are kept for what matters more: the warning, if there will be one, and the end. */
function reminderOf(
  { letters }: CaseForLetters,
  warning: Turn | undefined,
  circumstances: LetterCircumstances,
): Turn | undefined {
  const { reminders_days, most_per_case } = circumstances.policy.letters;
  if (letters.some(({ kind }) => kind === 'warning')) return undefined;
  if (letters.length + (warning ? 2 : 1) >= most_per_case) return undefined;
  const days = reminders_days[letters.filter(({ kind }) => kind === 'reminder').length];
  const before = letters.at(-1);
  return days && before ? turn('reminder', after(before.at, days * DAY), circumstances) : undefined;
}

function warningOf({ letters, plannedEnd: end }: CaseForLetters, circumstances: LetterCircumstances): Turn | undefined {
  if (!end || letters.some(({ kind }) => kind === 'warning')) return undefined;
  return turn('warning', after(end, -circumstances.policy.letters.warning_days * DAY), circumstances);
}

/** A reminder that would keep the warning waiting is left out, and so is whatever the warning says as well. */
function sooner(told: Turn, warning: Turn, { letters }: RecoveryPolicy): Turn {
  if (told.at >= warning.at) return warning;
  const delays = after(told.at, letters.hours_between * HOUR) > warning.at;
  return told.letter === 'reminder' && delays ? warning : told;
}

function aboutTheEnd(
  ended: CaseEnd,
  { letters }: CaseForLetters,
  ask: Ask,
  circumstances: LetterCircumstances,
): LetterPlan {
  if (letters.some(({ kind }) => kind === 'ended')) return none('its end was told');
  const told = turn('ended', ended.at, circumstances);
  return told.at > after(ended.at, END_IS_NEWS) ? none('its end is no news any more') : { ...told, ask };
}

function turn(
  letter: LetterKind,
  due: Date,
  { policy: { letters, quiet_hours }, now, timeZone, lettersToCustomer: sent }: LetterCircumstances,
): Turn {
  const spared = roomFrom(sent, 1, letters.hours_between * HOUR);
  const room = roomFrom(sent, letters.most_per_30_days, 30 * DAY);
  return { letter, at: nextAllowed(latestOf(due, now, spared, room), quiet_hours, timeZone) };
}

function none(reason: string): LetterPlan {
  return { letter: 'none', reason };
}
