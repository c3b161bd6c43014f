import { describe, expect, test } from 'vitest';
import {
  classInWords,
  howInWords,
  nextSteps,
  type StepFacts,
  WAITS,
} from '../../../src/billing/recovery/case-words.ts';
import { DECLINE_CLASSES } from '../../../src/billing/recovery/decline-codes.ts';

const day = (days: number) => new Date(Date.UTC(2026, 2, 1 + days, 10));
const facts: StepFacts = { state: 'open', stripe_tries_at: null, retry_at: null, retry_note: null, ends_at: null };

describe('what comes next', () => {
  test.each<[string, Partial<StepFacts>, readonly (readonly [string, Date | null])[]]>([
    ['nothing', {}, [['nothing by itself: another card, or the customer, is waited for', null]]],
    ['a try of Stripe', { stripe_tries_at: day(3) }, [['Stripe plans a try', day(3)]]],
    ['a step of ours', { retry_at: day(2), retry_note: WAITS.step }, [['we try again', day(2)]]],
    ['a new card that has to wait', { retry_at: day(2), retry_note: WAITS.new_card }, [['we try again', day(2)]]],
    ['a look', { retry_at: day(1) }, [['it is about to be looked at', null]]],
    [
      'a look that is a day away',
      { retry_at: day(2) },
      [['nothing by itself: another card, or the customer, is waited for', null]],
    ],
    ['a look beside a try', { retry_at: day(1), stripe_tries_at: day(3) }, [['Stripe plans a try', day(3)]]],
    [
      'the soonest first',
      { retry_at: day(5), retry_note: WAITS.step, stripe_tries_at: day(4), ends_at: day(3) },
      [
        ['it ends unpaid', day(3)],
        ['Stripe plans a try', day(4)],
        ['we try again', day(5)],
      ],
    ],
    ['nothing once it has ended', { state: 'ended', stripe_tries_at: day(3) }, []],
  ])('is %s', (_what, says, steps) => {
    expect(nextSteps({ ...facts, ...says }, day(1)).map((step) => [step.says, step.at])).toEqual(steps);
  });
});

test('each class of declines has its words, and one of a newer release is told as it is', () => {
  const words = DECLINE_CLASSES.map(classInWords);
  expect(new Set(words).size).toBe(DECLINE_CLASSES.length);
  expect(words).toEqual([
    'lost, stolen or suspected card',
    'the bank wants no more tries',
    'not possible with this card',
    'the bank wants the customer to confirm',
    'card expired, or its data are wrong',
    'no reason given',
    'not enough money',
    'the bank could not say, later perhaps',
  ]);
  expect(classInWords('moon_phase')).toBe('moon phase');
});

test('each end has its words', () => {
  expect(howInWords(null)).toBe('open');
  const ends = ['retry', 'customer', 'operator', 'out_of_band', 'refunded', 'cancelled', 'exhausted'] as const;
  expect(ends.map(howInWords)).toEqual([
    'paid by a retry',
    'paid by the customer',
    'paid by a try of an operator',
    'paid elsewhere',
    'credited',
    'cancelled by a person',
    'unpaid to the end',
  ]);
});
