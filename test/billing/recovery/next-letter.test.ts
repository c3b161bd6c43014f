import { describe, expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import type { DeclineClass } from '../../../src/billing/recovery/decline-codes.ts';
import {
  type CaseForLetters,
  type CaseLetter,
  type LetterCircumstances,
  type LetterKind,
  nextLetter,
} from '../../../src/billing/recovery/next-letter.ts';

/** Days from Sunday, 1 March 2026, 10:00 UTC, when the first payment failed; half days are 22:00, in quiet hours. */
const day = (days: number) => new Date(Date.UTC(2026, 2, 1, 10) + days * 86_400_000);
const minute = 1 / 1_440;

interface Situation {
  readonly failed?: readonly (readonly [day: number, of: DeclineClass])[];
  readonly letters?: readonly (readonly [kind: LetterKind, day: number])[];
  /** Days of letters about other cases of the customer. */
  readonly others?: readonly number[];
  readonly end?: number;
  readonly ended?: readonly [how: 'paid' | 'refunded' | 'cancelled' | 'exhausted', day: number];
  readonly reason?: string | null;
  readonly now?: number;
  readonly policy?: object;
  readonly zone?: string;
}

function planOf(situation: Situation) {
  const { failed = [[0, 'stop']], letters = [], others = [], end, ended, reason = 'subscription_cycle' } = situation;
  const sent: CaseLetter[] = letters.map(([kind, at]) => ({ kind, at: day(at) }));
  const facts: CaseForLetters = {
    billingReason: reason,
    failures: failed.map(([at, of]) => ({ at: day(at), class: of })),
    plannedEnd: end === undefined ? undefined : day(end),
    ended: ended && { how: ended[0], at: day(ended[1]) },
    letters: sent,
  };
  const circumstances: LetterCircumstances = {
    policy: recoveryPolicy.parse(situation.policy),
    now: day(situation.now ?? 0),
    timeZone: situation.zone ?? 'UTC',
    lettersToCustomer: [...others.map(day), ...sent.map(({ at }) => at)],
  };
  return nextLetter(facts, circumstances);
}

type Expected = readonly [letter: LetterKind, day: number] | string;

/** @param expected the letter and its day, or why there is none */
function expectPlan(situation: Situation, expected: Expected): void {
  const plan = planOf(situation);
  if (typeof expected === 'string') expect(plan).toEqual({ letter: 'none', reason: expected });
  else expect(plan).toMatchObject({ letter: expected[0], at: day(expected[1]) });
}

describe('the first letter', () => {
  test.each(['lost_card', 'stop', 'not_possible', 'authenticate', 'card_data'] as const)(
    'goes at once after %s',
    (of) => {
      expectPlan({ failed: [[0, of]] }, ['failed', 0]);
      expectPlan({ failed: [[0, of]], now: 1 }, ['failed', 1]);
    },
  );

  test.each(['money', 'later', 'unclear'] as const)('waits after %s for a second failure, or for 48 hours', (of) => {
    expectPlan({ failed: [[0, of]] }, ['failed', 2]);
    expectPlan(
      {
        failed: [
          [0, of],
          [1, of],
        ],
        now: 1,
      },
      ['failed', 1],
    );
    expectPlan(
      {
        failed: [
          [0, of],
          [3, of],
        ],
      },
      ['failed', 2],
    );
    expectPlan({ failed: [[0, of]], now: 3 }, ['failed', 3]);
  });

  test.each<[string, Situation, Expected]>([
    [
      'does not wait once a later failure is hard',
      {
        failed: [
          [0, 'money'],
          [0.25, 'stop'],
        ],
        now: 0.25,
      },
      ['failed', 0.25],
    ],
    [
      'waits when a later failure is soft',
      {
        failed: [
          [0, 'stop'],
          [0.1, 'money'],
        ],
        now: 0,
      },
      ['failed', 0.1],
    ],
    [
      'waits as long as the policy says',
      { failed: [[0, 'money']], policy: { letters: { patience_hours: 24 } } },
      ['failed', 1],
    ],
    [
      'has no patience where the policy has none',
      { failed: [[0, 'money']], policy: { letters: { patience_hours: 0 } } },
      ['failed', 0],
    ],
    // 22:00 → 08:00.
    ['waits for the end of quiet hours', { failed: [[0.5, 'stop']], now: 0.5 }, ['failed', 0.5 + 10 / 24]],
    [
      'goes at night where nights are not quiet',
      { failed: [[0.5, 'stop']], now: 0.5, policy: { quiet_hours: null } },
      ['failed', 0.5],
    ],
    // 10:00 UTC is 02:00 there; at 16:00 UTC it is 08:00.
    ['waits for the morning of the customer', { zone: 'America/Los_Angeles' }, ['failed', 6 / 24]],
    ['is the last at once where one is allowed', { policy: { letters: { most_per_case: 1 } } }, ['failed', 0]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });

  test.each([
    ['lost_card', 'new_card'],
    ['stop', 'new_card'],
    ['not_possible', 'other_method'],
    ['authenticate', 'confirm'],
    ['card_data', 'check_card'],
    ['unclear', 'patience'],
    ['money', 'balance'],
    ['later', 'patience'],
  ] as const)('after %s asks for %s, and names no more of the reason', (of, ask) => {
    expect(
      planOf({
        failed: [
          [0, 'later'],
          [0, of],
        ],
      }),
    ).toEqual({ letter: 'failed', at: expect.any(Date), ask });
    expect(planOf({ failed: [[0, of]], ended: ['exhausted', 1], now: 1 })).toEqual({
      letter: 'ended',
      at: day(1),
      ask,
    });
  });
});

describe('the first payment of a subscription', () => {
  const reason = 'subscription_create';
  const none = 'the checkout page speaks of the first payment';
  const hour = 1 / 24;
  test.each<[string, Situation, Expected]>([
    ['belongs to the checkout page', { reason }, none],
    [
      'however often it fails there',
      {
        reason,
        failed: [
          [0, 'stop'],
          [0.1, 'stop'],
          [23 * hour, 'stop'],
        ],
        now: 1,
      },
      none,
    ],
    ['also when it ends there', { reason, ended: ['exhausted', 23 * hour], now: 1 }, none],
    [
      'until Stripe would have given it up',
      {
        reason,
        failed: [
          [0, 'stop'],
          [23 * hour + minute, 'stop'],
        ],
        now: 1,
      },
      ['failed', 1],
    ],
    [
      'and what failed on the page is not the first of two',
      {
        reason,
        failed: [
          [0, 'money'],
          [2, 'money'],
        ],
        now: 2,
      },
      ['failed', 4],
    ],
    ['of a later period is recovered', { reason: 'subscription_cycle' }, ['failed', 0]],
    ['of an invoice by hand, too', { reason: null }, ['failed', 0]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });

  test('a case without a failure has no letter', () => {
    expectPlan({ failed: [] }, none);
  });
});

describe('the letters after the first', () => {
  const first = ['failed', 0] as const;
  const second = ['reminder', 4] as const;
  test.each<[string, Situation, Expected]>([
    ['a reminder, four days later', { letters: [first] }, ['reminder', 4]],
    ['another, six days after that', { letters: [first, second], now: 5 }, ['reminder', 10]],
    ['and no third', { letters: [first, second, ['reminder', 10]], now: 11 }, 'every letter before the end was sent'],
    ['by the days of the policy', { letters: [first], policy: { letters: { reminders_days: [7] } } }, ['reminder', 7]],
    [
      'none where it has no days',
      { letters: [first], policy: { letters: { reminders_days: [] } } },
      'every letter before the end was sent',
    ],
    ['counted from when the last was sent', { letters: [['failed', 1.5]], now: 2 }, ['reminder', 5.5 + 10 / 24]],
    ['one after three days without anybody', { letters: [first], now: 7 }, ['reminder', 7]],
    ['and the next counts from then', { letters: [first, ['reminder', 7]], now: 7 }, ['reminder', 13]],
    [
      'the last place is kept for the end',
      { letters: [first, second], policy: { letters: { most_per_case: 3 } } },
      'every letter before the end was sent',
    ],
    ['where it leaves room', { letters: [first], policy: { letters: { most_per_case: 3 } } }, ['reminder', 4]],
    [
      'none before a warning that needs the place',
      { letters: [first], end: 28, policy: { letters: { most_per_case: 3 } } },
      ['warning', 25],
    ],
    ['one before the warning', { letters: [first], end: 28 }, ['reminder', 4]],
    ['but not two', { letters: [first, second], end: 28, now: 5 }, ['warning', 25]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });
});

describe('the warning', () => {
  const first = ['failed', 0] as const;
  const warning = ['warning', 25] as const;
  test.each<[string, Situation, Expected]>([
    ['three days before the end', { letters: [first, ['reminder', 4]], end: 28, now: 20 }, ['warning', 25]],
    [
      'as many as the policy says',
      { letters: [first, ['reminder', 4]], end: 28, policy: { letters: { warning_days: 7 } } },
      ['warning', 21],
    ],
    ['once', { letters: [first, warning], end: 28, now: 25 }, 'every letter before the end was sent'],
    [
      'no reminder comes after it',
      { letters: [first, warning], end: 40, now: 25 },
      'every letter before the end was sent',
    ],
    ['no reminder just before it', { letters: [first], end: 8, now: 1 }, ['warning', 5]],
    ['a reminder two days before it', { letters: [first], end: 9, now: 1 }, ['reminder', 4]],
    [
      'a reminder a minute less than two days before it',
      { letters: [first], end: 9 - minute, now: 1 },
      ['warning', 6 - minute],
    ],
    ['instead of the reminder after days without anybody', { letters: [first], end: 28, now: 26 }, ['warning', 26]],
    ['instead of the first letter after days without anybody', { end: 5, now: 3 }, ['warning', 3]],
    ['instead of a first letter that comes no sooner', { failed: [[0, 'money']], end: 4 }, ['warning', 1]],
    ['after a first letter that comes sooner', { end: 5 }, ['failed', 0]],
    ['after one that keeps it waiting, too', { end: 4 }, ['failed', 0]],
    ['48 hours after it', { letters: [first], end: 4 }, ['warning', 2]],
    [
      'none that would come with the end',
      { letters: [first], end: 2 },
      'it would come after the end, and the letter about that tells it',
    ],
    ['at the last moment', { letters: [first], end: 2 + minute }, ['warning', 2]],
    [
      'in the place of the end, where there is but one',
      { letters: [first], end: 28, policy: { letters: { most_per_case: 2 } } },
      ['warning', 25],
    ],
    ['in the morning', { letters: [first, ['reminder', 4]], end: 28.5, now: 5 }, ['warning', 25.5 + 10 / 24]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });

  test('waits for room as any other, and is left out when that is after the end', () => {
    // With five about other cases, six were sent: nothing more before day 28.
    const others = [-2, -1.5, -1, -0.5, -0.2];
    const plan = { letters: [first], others, end: 31, now: 1, policy: { letters: { warning_days: 30 } } } as const;
    expectPlan(plan, ['warning', 28]);
    expectPlan({ ...plan, end: 28 }, 'it would come after the end, and the letter about that tells it');
  });
});

describe('the end', () => {
  const first = ['failed', 0] as const;
  const reached = 'its end has come, and the letter about that tells it';
  test.each<[string, Situation, Expected]>([
    ['is told', { letters: [first], ended: ['exhausted', 28], now: 28 }, ['ended', 28]],
    ['once', { letters: [first, ['ended', 28]], ended: ['exhausted', 28], now: 31 }, 'its end was told'],
    ['also when nothing was told before', { ended: ['exhausted', 1], now: 1 }, ['ended', 1]],
    ['48 hours after the warning', { letters: [['warning', 27]], ended: ['exhausted', 28], now: 28 }, ['ended', 29]],
    ['by day', { letters: [first], ended: ['exhausted', 28.5], now: 28.5 }, ['ended', 28.5 + 10 / 24]],
    ['within a week', { letters: [first], ended: ['exhausted', 20], now: 27 }, ['ended', 27]],
    ['and not later', { letters: [first], ended: ['exhausted', 20], now: 27 + minute }, 'its end is no news any more'],
    [
      'not a fifth time',
      { letters: [first, ['reminder', 4], ['reminder', 10], ['warning', 25]], ended: ['exhausted', 28], now: 28 },
      'at most 4 letters per case, and that many were sent',
    ],
    [
      'and the last failure along with it, in one letter',
      {
        failed: [
          [0, 'money'],
          [14, 'money'],
        ],
        end: 14,
        now: 14,
      },
      reached,
    ],
    ['and a hard failure along with it', { failed: [[0, 'stop']], end: 0 }, reached],
    ['and is not foretold when it is overdue', { letters: [first], end: 10, now: 11 }, reached],
    ['but until then it is foretold', { failed: [[0, 'stop']], end: minute }, ['warning', 0]],
    [
      'unless they would come after it',
      { failed: [[0.5, 'stop']], end: 0.6, now: 0.5 },
      'it would come after the end, and the letter about that tells it',
    ],
    [
      'or as it comes',
      { failed: [[0.5, 'stop']], end: 0.5 + 10 / 24, now: 0.5 },
      'it would come after the end, and the letter about that tells it',
    ],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });

  test.each(['paid', 'refunded', 'cancelled'] as const)('nothing is said of a case that is %s', (how) => {
    for (const letters of [[], [first]])
      expectPlan({ letters, ended: [how, 1], now: 4, end: 28 }, `the case is closed: ${how}`);
  });
});

describe('nobody is written to too often', () => {
  const first = ['failed', 0] as const;
  const most = (count: number) => `at most ${count} letters per case, and that many were sent`;
  test.each<[string, Situation, Expected]>([
    [
      'four letters per case',
      { letters: [first, ['reminder', 4], ['reminder', 10], ['warning', 25]], end: 40, now: 30 },
      most(4),
    ],
    ['fewer where the policy says so', { letters: [first], policy: { letters: { most_per_case: 1 } } }, most(1)],
    ['none where it wants none', { policy: { letters: { most_per_case: 0 } } }, most(0)],
    ['48 hours after a letter about another case', { others: [-1] }, ['failed', 1]],
    ['the latest of them counts', { others: [-1, -9] }, ['failed', 1]],
    ['at once when that is over', { others: [-2] }, ['failed', 0]],
    ['longer where the policy says so', { others: [-1], policy: { letters: { hours_between: 96 } } }, ['failed', 3]],
    ['a sixth in 30 days', { others: [-20, -18, -16, -14, -12] }, ['failed', 0]],
    ['a seventh when the first is 30 days old', { others: [-22, -20, -18, -16, -14, -12] }, ['failed', 8]],
    [
      'fewer in 30 days where the policy says so',
      { others: [-5], policy: { letters: { most_per_30_days: 1 } } },
      ['failed', 25],
    ],
    ['by day also then', { others: [-1.5] }, ['failed', 0.5 + 10 / 24]],
  ])('%s', (_what, situation, expected) => {
    expectPlan(situation, expected);
  });
});
