import {
  ADVICE,
  ADVICE_WAIT,
  CODES,
  DECLINE_CLASSES,
  type DeclineClass,
  NETWORK_ADVICE,
  NETWORK_WAIT,
  type WordsByClass,
} from './decline-codes.ts';

/**
 * What a declined payment allows, pure. Several voices speak of one decline: the issuer's code, Stripe's advice, the network's
 * advice (MAC). The strictest wins; what only says "later" sets a wait and softens nothing.
 */

/**
 * `never` on this card; `on_session`: only with the customer there; `card_changed`: once the card or its data are others,
 * also when its network has updated them; `few`, `spaced`, `after_wait`: as often as the policy says of that class.
 */
export type RetryRule = 'never' | 'on_session' | 'card_changed' | 'few' | 'spaced' | 'after_wait';

const RETRY = {
  lost_card: 'never',
  stop: 'never',
  not_possible: 'never',
  authenticate: 'on_session',
  card_data: 'card_changed',
  unclear: 'few',
  money: 'spaced',
  later: 'after_wait',
} as const satisfies Record<DeclineClass, RetryRule>;

/**
 * What the customer is asked for. That a card is lost, stolen or suspected stays here: whoever holds it reads the letter, so
 * Stripe wants it told as any other decline.
 */
export type Ask = 'new_card' | 'other_method' | 'confirm' | 'check_card' | 'balance' | 'patience';

export const ASK = {
  lost_card: 'new_card',
  stop: 'new_card',
  not_possible: 'other_method',
  authenticate: 'confirm',
  card_data: 'check_card',
  unclear: 'patience',
  money: 'balance',
  later: 'patience',
} as const satisfies Record<DeclineClass, Ask>;

/** The code of every decline for which `decline_code` has the word. */
const SAYS_NOTHING = 'card_declined';

type Said = string | null | undefined;

/** As Stripe names it, of `Charge.outcome` and `PaymentIntent.last_payment_error`. */
export interface DeclineSaid {
  readonly decline_code?: Said;
  readonly code?: Said;
  /** Of the outcome: a block of Stripe's own is told only there. */
  readonly reason?: Said;
  readonly advice_code?: Said;
  readonly network_advice_code?: Said;
  /** The payment intent waits for its customer. */
  readonly requires_action?: boolean;
}

export interface Decline {
  readonly class: DeclineClass;
  readonly retry: RetryRule;
  /** Seconds from the decline, before which no try may follow. 0 when nobody named a time. */
  readonly waitSeconds: number;
  /** Whether every word is in the tables above. Stripe adds words without a version. */
  readonly known: boolean;
  /** Those that are not, to be counted by name. */
  readonly unknown: readonly string[];
}

interface Heard {
  readonly word: string;
  readonly class: DeclineClass | undefined;
}

export function classifyDecline(said: DeclineSaid): Decline {
  const heard = [
    ...[said.decline_code, said.code, said.reason].flatMap((word) => (word === SAYS_NOTHING ? [] : hear(word, CODES))),
    ...hear(said.advice_code, ADVICE),
    ...hear(said.network_advice_code, NETWORK_ADVICE),
    ...(said.requires_action ? hear('authentication_required', CODES) : []),
  ];
  const classes = heard.map((each) => each.class ?? 'unclear');
  const strictest = DECLINE_CLASSES.find((each) => classes.includes(each)) ?? 'unclear';
  const unknown = heard.flatMap((each) => (each.class === undefined ? each.word : []));
  return {
    class: strictest,
    retry: RETRY[strictest],
    waitSeconds: Math.max(waitOf(said.advice_code, ADVICE_WAIT), waitOf(said.network_advice_code, NETWORK_WAIT)),
    known: unknown.length === 0,
    unknown: [...new Set(unknown)],
  };
}

function hear(word: Said, words: WordsByClass): Heard[] {
  if (!word) return [];
  return [{ word, class: DECLINE_CLASSES.find((each) => words[each]?.includes(word)) }];
}

function waitOf(word: Said, waits: Readonly<Record<string, number>>): number {
  return word && Object.hasOwn(waits, word) ? (waits[word] ?? 0) : 0;
}
