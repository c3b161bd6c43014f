import { inWords } from '../../platform/in-words.ts';
import { DECLINE_CLASSES, type DeclineClass } from './decline-codes.ts';
import type { EndOfCase } from './recovery-case.ts';

/** How a case is told to the people of the business, pure. */

const CLASS_WORDS = {
  lost_card: 'lost, stolen or suspected card',
  stop: 'the bank wants no more tries',
  not_possible: 'not possible with this card',
  authenticate: 'the bank wants the customer to confirm',
  card_data: 'card expired, or its data are wrong',
  unclear: 'no reason given',
  money: 'not enough money',
  later: 'the bank could not say, later perhaps',
} as const satisfies Record<DeclineClass, string>;

/** @param word of a row: one of a newer release is told as it is */
export function classInWords(word: string): string {
  const known = DECLINE_CLASSES.find((each) => each === word);
  return known ? CLASS_WORDS[known] : inWords(word);
}

const HOW_WORDS = {
  retry: 'paid by a retry',
  customer: 'paid by the customer',
  operator: 'paid by a try of an operator',
  out_of_band: 'paid elsewhere',
  refunded: 'credited',
  cancelled: 'cancelled by a person',
  exhausted: 'unpaid to the end',
} as const satisfies Record<EndOfCase['how'], string>;

export function howInWords(how: EndOfCase['how'] | null): string {
  return how === null ? 'open' : HOW_WORDS[how];
}

export interface NextStep {
  readonly says: string;
  readonly at: Date | null;
}

export interface StepFacts {
  readonly state: 'open' | EndOfCase['state'];
  readonly stripe_tries_at: Date | null;
  readonly retry_at: Date | null;
  readonly retry_note: string | null;
  readonly ends_at: Date | null;
}

/** The notes of a look that has planned a try. */
export const WAITS = {
  step: 'the next step of the policy is waited for',
  new_card: 'the new card is tried when its network allows it',
} as const;

/** What happens next to the money, the soonest first. What is written next stands by itself. */
export function nextSteps({ state, stripe_tries_at, retry_at, retry_note, ends_at }: StepFacts, now: Date): NextStep[] {
  if (state !== 'open') return [];
  const isPlanned = retry_note === WAITS.step || retry_note === WAITS.new_card;
  const steps = [
    ...(stripe_tries_at ? [{ says: 'Stripe plans a try', at: stripe_tries_at }] : []),
    ...(retry_at && isPlanned ? [{ says: 'we try again', at: retry_at }] : []),
    ...(ends_at ? [{ says: 'it ends unpaid', at: ends_at }] : []),
  ];
  if (steps.length === 0 && retry_at && retry_at <= now) return [{ says: 'it is about to be looked at', at: null }];
  if (steps.length === 0)
    return [{ says: 'nothing by itself: another card, or the customer, is waited for', at: null }];
  return steps.toSorted((one, other) => one.at.getTime() - other.at.getTime());
}
