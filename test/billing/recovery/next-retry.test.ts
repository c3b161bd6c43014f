import { describe, expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import { classifyDecline } from '../../../src/billing/recovery/decline.ts';
import {
  allowedFrom,
  type CardAttempt,
  type LiveStatus,
  nextRetry,
  type Retry,
} from '../../../src/billing/recovery/next-retry.ts';

/** Days from Sunday, 1 March 2026, 10:00 UTC, when the first payment failed: a morning hour in UTC. */
const day = (days: number) => new Date(Date.UTC(2026, 2, 1, 10) + days * 86_400_000);
const hour = 1 / 24;
const minute = 1 / 1_440;
const own = { mode: 'own' };

type Said = Parameters<typeof classifyDecline>[0];
type Try = readonly [day: number, said?: Said | null, card?: string];

interface Situation {
  readonly live?: Partial<LiveStatus>;
  readonly tries?: readonly Try[];
  readonly retries?: readonly (readonly [why: Retry['why'], day: number, card?: string])[];
  /** The card that would be charged and since when; null for none. */
  readonly card?: readonly [id: string, since: number] | null;
  readonly end?: number;
  readonly isOver?: boolean;
  readonly now?: number;
  readonly policy?: object;
  readonly zone?: string;
}

const money = { decline_code: 'insufficient_funds' };

function factsOf({ tries = [[0, money]], retries = [], card = ['A', -90], ...situation }: Situation) {
  const attempts: CardAttempt[] = tries.map(([at, said = money, id = 'A']) => ({
    at: day(at),
    card: id,
    decline: said ? classifyDecline(said) : undefined,
  }));
  const facts = {
    live: { invoice: 'open', subscription: 'past_due', ...situation.live } as const,
    firstFailedAt: day(0),
    plannedEnd: situation.end === undefined ? undefined : day(situation.end),
    ...(situation.isOver === undefined ? {} : { isOver: situation.isOver }),
    card: card ? { id: card[0], since: day(card[1]) } : undefined,
    attempts,
    retries: retries.map(([why, at, id = 'A']) => ({ why, at: day(at), card: id })),
  };
  const { policy = own, now = 0, zone: timeZone = 'UTC' } = situation;
  return { facts, circumstances: { policy: recoveryPolicy.parse(policy), now: day(now), timeZone } };
}

function planOf(situation: Situation) {
  const { facts, circumstances } = factsOf(situation);
  return nextRetry(facts, circumstances);
}

type Expected = readonly [retry: 'step' | 'new_card', day: number] | string;

/** @param expected the retry and its day, or why there is none */
function expectPlan(situation: Situation, expected: Expected): void {
  const plan = planOf(situation);
  if (typeof expected === 'string') expect(plan).toEqual({ retry: 'none', reason: expected });
  else expect(plan).toEqual({ retry: expected[0], at: day(expected[1]) });
}

describe('only what is owed is tried', () => {
  const newCard = { card: ['B', 1], now: 1 } as const;
  for (const invoice of ['draft', 'paid', 'void', 'uncollectible'] as const) {
    test(`not an invoice that is ${invoice}`, () => {
      expectPlan({ live: { invoice } }, `the invoice is ${invoice}`);
      expectPlan({ live: { invoice }, ...newCard }, `the invoice is ${invoice}`);
    });
  }
  for (const subscription of [
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'canceled',
    'paused',
  ] as const) {
    test(`not for a subscription that is ${subscription}`, () => {
      expectPlan({ live: { subscription } }, `the subscription is ${subscription}`);
      expectPlan({ live: { subscription }, ...newCard }, `the subscription is ${subscription}`);
    });
  }
  test('for one that is past_due or unpaid', () => {
    for (const subscription of ['past_due', 'unpaid'] as const) {
      expectPlan({ live: { subscription } }, ['step', 1]);
      expectPlan({ live: { subscription }, ...newCard }, ['new_card', 1]);
    }
  });
  test('not while a payment of it is processing', () => {
    expectPlan({ live: { intent: 'processing' }, ...newCard }, 'a payment of the invoice is processing');
    expectPlan({ live: { intent: 'requires_payment_method' } }, ['step', 1]);
  });
  test('not without a card', () => {
    expectPlan({ card: null }, 'there is no card to try');
  });
});

const WAITS_FOR_STRIPE = 'Stripe’s own tries are on for this invoice: they are waited for';

describe('a step', () => {
  test.each<[string, Situation, Expected]>([
    ['a day after the failure', {}, ['step', 1]],
    ['three days after it', { tries: [[0], [1]], retries: [['step', 1]], now: 1 }, ['step', 3]],
    ['by the days of the policy', { policy: { mode: 'own', retries: { steps_days: [2] } } }, ['step', 2]],
    [
      'once',
      { tries: [[0], [1]], retries: [['step', 1]], policy: { mode: 'own', retries: { steps_days: [1] } } },
      'every step was made',
    ],
    ['now, when it was missed', { now: 2 }, ['step', 2]],
    ['one, when several were missed', { now: 6 }, ['step', 6]],
    ['and after it the next that is to come', { tries: [[0], [6]], retries: [['step', 6]], now: 6 }, ['step', 7]],
    ['not before a day after a try of the customer', { tries: [[0], [0.5]] }, ['step', 1 + 23 * hour]],
    ['and in the morning then', { tries: [[0], [0.1]] }, ['step', 1 + 23 * hour]],
    ['before the end', { end: 1 + minute }, ['step', 1]],
    ['not at the end', { end: 1 }, 'the case ends before'],
    ['not in mode stripe', { policy: { mode: 'stripe' } }, 'Stripe tries by itself'],
    ['also after a try that did not end as a decline', { tries: [[0], [-3, null]] }, ['step', 1]],
    ['not while Stripe tries by itself', { live: { nextAttempt: day(3) } }, WAITS_FOR_STRIPE],
    ['when Stripe does not', { live: { nextAttempt: null } }, ['step', 1]],
    ['not after the end', { isOver: true, now: 30 }, 'the case has ended'],
    [
      'not counted by what a person has tried',
      { retries: [['operator', 0.5]], tries: [[0], [0.5]] },
      ['step', 1 + 23 * hour],
    ],
    [
      'not one more for a step that a person was quicker with',
      { retries: [['operator', 1]], tries: [[0], [1]], now: 1 },
      ['step', 3],
    ],
    ['counted for a card that nobody has tried yet', { tries: [] }, ['step', 1]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });

  test.each<[string, Situation, Expected]>([
    ['not before nine', { now: 1.5 }, ['step', 1 + 23 * hour]],
    ['at nine', { now: 1 - hour, tries: [[-1]] }, ['step', 1]],
    ['before eleven', { now: 1 + hour - minute }, ['step', 1 + hour - minute]],
    ['not at eleven', { now: 1 + hour }, ['step', 1 + 23 * hour]],
    // 09:00 there is 17:00 UTC, and from 8 March on, with summer time, 16:00.
    ['by the clock of the customer', { zone: 'America/Los_Angeles' }, ['step', 1 + 7 * hour]],
    ['in summer, too', { zone: 'America/Los_Angeles', now: 8 }, ['step', 8 + 6 * hour]],
    [
      'in the hours of the policy',
      { policy: { mode: 'own', retries: { hours: { from: '14:00', to: '15:00' } } } },
      ['step', 1 + 4 * hour],
    ],
  ])('in the morning: %s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });
});

describe('how often is said by the class of the latest decline', () => {
  const policy = { mode: 'own', retries: { most: { money: 3, later: 2, unclear: 1 } } };
  const made = (count: number) => [1, 3, 5, 7].slice(0, count).map((at) => ['step', at] as const);
  const none = (count: number) => `at most ${count} tries after such a decline, and that many were made`;
  test.each<[string, Said, number]>([
    ['money', money, 3],
    ['later', { decline_code: 'processing_error' }, 2],
    ['unclear', { decline_code: 'do_not_honor' }, 1],
  ])('%s', (_of, said, count) => {
    const last = [1, 3, 5, 7][count - 1] ?? 0;
    const tries: Try[] = [
      [0, said],
      [last, said],
    ];
    expectPlan({ tries, retries: made(count), policy, now: last }, none(count));
    expectPlan({ tries, retries: made(count - 1), policy, now: last + 0.5 }, ['step', last + 1]);
  });

  test('the latest, in whatever order they are told', () => {
    const tries: Try[] = [
      [1, money],
      [0, { decline_code: 'do_not_honor' }],
    ];
    expectPlan({ tries, retries: made(1), policy, now: 1 }, ['step', 3]);
    expectPlan({ tries: tries.toReversed(), retries: made(1), policy, now: 1 }, ['step', 3]);
  });

  test('what was no decline says nothing', () => {
    expectPlan({ tries: [[0], [1, null]], retries: made(2), policy, now: 3 }, ['step', 5]);
  });

  test('the try of a new card is none of them', () => {
    expectPlan({ tries: [[0], [1]], retries: [...made(2), ['new_card', 4]], policy, now: 4 }, ['step', 5]);
    expectPlan({ tries: [[0], [1]], retries: [...made(2), ['new_card', 5]], policy, now: 5 }, ['step', 7]);
  });

  test('a card that is replaced does not begin the steps anew', () => {
    const retries = [
      ['step', 1],
      ['step', 3],
      ['step', 5],
      ['new_card', 6, 'B'],
    ] as const;
    expectPlan({ card: ['B', 6], tries: [[0], [6, money, 'B']], retries, policy, now: 6 }, none(3));
  });
});

describe('the wait that the network names', () => {
  test.each<[string, Situation, Expected]>([
    ['72 hours are waited', { tries: [[0, { ...money, network_advice_code: '02' }]] }, ['step', 3]],
    ['an hour is waited anyway', { tries: [[0, { ...money, network_advice_code: '24' }]] }, ['step', 1]],
    [
      '10 days pass four steps, and the fifth follows',
      { tries: [[0, { ...money, network_advice_code: '30' }]] },
      ['step', 10],
    ],
    [
      'it counts from its decline',
      { tries: [[0], [1, { network_advice_code: '27' }]], retries: [['step', 1]], now: 1 },
      ['step', 5],
    ],
    [
      'a later decline that names none does not shorten it',
      { tries: [[0, { network_advice_code: '28' }], [1]], retries: [['step', 1]], now: 1 },
      ['step', 6],
    ],
    ['of another card it says nothing', { tries: [[0], [0, { network_advice_code: '30' }, 'B']] }, ['step', 1]],
    ['of another invoice it counts', { tries: [[0], [-1, { network_advice_code: '27' }]] }, ['step', 3]],
    [
      'a wait beyond the end is the end',
      { tries: [[0, { network_advice_code: '30' }]], end: 9 },
      'the case ends before',
    ],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });
});

describe('what is forbidden is not tried', () => {
  const never = ['lost_card', 'stop_payment_order', 'transaction_not_allowed'] as const;
  const classes = { lost_card: 'lost_card', stop_payment_order: 'stop', transaction_not_allowed: 'not_possible' };
  test.each(never)('%s: never again on this card, whatever was typed in again', (decline_code) => {
    const none = `the card was declined as ${classes[decline_code]}`;
    expectPlan({ tries: [[0, { decline_code }]] }, none);
    expectPlan({ tries: [[0, { decline_code }], [1]], now: 1 }, none);
    expectPlan({ tries: [[0, { decline_code }]], card: ['A', 2], now: 2 }, none);
    expectPlan({ tries: [[-200, { decline_code }], [0]] }, none);
    expectPlan({ tries: [[0, { decline_code }]], card: ['B', 2], now: 2 }, ['new_card', 2]);
  });

  test.each([
    ['expired_card', 'card_data'],
    ['authentication_required', 'authenticate'],
  ])('%s: not until the card is set anew or updated', (decline_code, of) => {
    const none = `the card was declined as ${of}`;
    expectPlan({ tries: [[0, { decline_code }]] }, none);
    expectPlan({ tries: [[0, { decline_code }]], card: ['A', 0] }, none);
    expectPlan({ tries: [[0, { decline_code }], [1]], now: 1 }, none);
    expectPlan({ tries: [[0, { decline_code }]], card: ['A', 2], now: 2 }, ['new_card', 2]);
    expectPlan({ tries: [[0, { decline_code }]], card: ['B', 2], now: 2 }, ['new_card', 2]);
  });

  test('after data that were wrong once, tries are those of an unclear decline', () => {
    const situation = { tries: [[0, { decline_code: 'expired_card' }]], card: ['A', 2], now: 3 } as const;
    const retries = [['new_card', 2]] as const;
    expectPlan({ ...situation, retries, policy: { mode: 'own', retries: { most: { unclear: 1 } } } }, ['step', 3]);
    const none = 'at most 0 tries after such a decline, and that many were made';
    expectPlan({ ...situation, retries, policy: { mode: 'own', retries: { most: { unclear: 0 } } } }, none);
  });
});

describe('a new card', () => {
  const stripe = { mode: 'stripe' };
  const B = { card: ['B', 2], now: 2 } as const;
  test.each<[string, Situation, Expected]>([
    ['is tried at once in mode own', B, ['new_card', 2]],
    ['is tried at once in mode stripe', { ...B, policy: stripe }, ['new_card', 2]],
    ['at whatever hour', { card: ['B', 2.5], now: 2.5 }, ['new_card', 2.5]],
    [
      'once per case and card',
      { ...B, tries: [[0], [2, money, 'B']], retries: [['new_card', 2, 'B']], policy: stripe },
      'Stripe tries by itself',
    ],
    [
      'not again when cards take turns',
      {
        card: ['B', 4],
        now: 4,
        retries: [
          ['new_card', 2, 'B'],
          ['new_card', 3, 'A'],
        ],
        policy: stripe,
      },
      'Stripe tries by itself',
    ],
    ['while another was', { card: ['C', 4], now: 4, retries: [['new_card', 2, 'B']], policy: stripe }, ['new_card', 4]],
    [
      'also a card that had a step',
      { card: ['A', 4], now: 4, tries: [[0], [1]], retries: [['step', 1, 'A']], policy: stripe },
      ['new_card', 4],
    ],
    [
      'that somebody has tried since is none',
      { ...B, tries: [[0], [2, money, 'B']], policy: stripe },
      'Stripe tries by itself',
    ],
    [
      'that was tried long before it was set is one',
      { ...B, tries: [[0], [-9, money, 'B']], policy: stripe },
      ['new_card', 2],
    ],
    ['that was there when the first failed is none', { card: ['B', 0], policy: stripe }, 'Stripe tries by itself'],
    ['that was set a moment later is one', { card: ['B', minute], now: 1, policy: stripe }, ['new_card', 1]],
    ['waits a day after a try for another invoice', { ...B, tries: [[0], [1.5, money, 'B']] }, ['new_card', 2.5]],
    [
      'waits for what the network has named',
      { ...B, tries: [[0], [1, { network_advice_code: '26' }, 'B']] },
      ['new_card', 3],
    ],
    ['is tried while Stripe tries, too', { ...B, live: { nextAttempt: day(3) } }, ['new_card', 2]],
    ['is tried after the case has ended unpaid', { ...B, isOver: true }, ['new_card', 2]],
    ['is not tried when the case ends', { ...B, end: 2 }, 'the case ends before'],
    ['is tried before', { ...B, end: 2 + minute }, ['new_card', 2]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });
});

describe('the limits of the networks', () => {
  /** So many tries on card A, of whoever and for whatever, the latest on day 0. */
  const tries = (count: number): Try[] => Array.from({ length: count }, (_, at) => [-at]);
  const sixteenth = 'the case ends before';
  test.each<[string, Situation, Expected]>([
    ['a fifteenth try in 30 days', { tries: tries(14) }, ['step', 1]],
    ['a sixteenth when the first is 30 days old', { tries: tries(15) }, ['step', 16]],
    ['not before the end, so none', { tries: tries(15), end: 15 }, sixteenth],
    ['also of a new card', { card: ['A', 1], now: 1, tries: tries(15) }, ['new_card', 16]],
    [
      'fewer where the policy says so',
      { tries: tries(3), policy: { mode: 'own', retries: { most_per_30_days: 3 } } },
      ['step', 28],
    ],
    ['tries that were no decline count', { tries: tries(15).map(([at]) => [at, null] as const) }, ['step', 16]],
    ['those on another card do not', { tries: [...tries(14), [-0.5, money, 'B'], [0, money, 'B']] }, ['step', 1]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });
});

describe('what a person may try', () => {
  const allowed = (situation: Situation) => {
    const { facts, circumstances } = factsOf({ policy: { mode: 'stripe' }, ...situation });
    const found = allowedFrom(facts, circumstances);
    return 'reason' in found ? found.reason : found.earliest;
  };
  test.each<[string, Situation, Date | string]>([
    ['now, a day after the last try', { now: 1 }, day(1)],
    ['a day after the last try', { now: 0.5 }, day(1)],
    ['after what the network has named', { now: 1, tries: [[0, { network_advice_code: '26' }]] }, day(2)],
    ['while Stripe tries by itself, too', { now: 2, live: { nextAttempt: day(3) } }, day(2)],
    ['not what is not owed', { live: { invoice: 'paid' } }, 'the invoice is paid'],
    [
      'not what its bank forbids',
      { tries: [[0, { decline_code: 'stolen_card' }]] },
      'the card was declined as lost_card',
    ],
  ])('%s', (_what, situation, expected) => {
    expect(allowed(situation)).toEqual(expected);
  });
});
