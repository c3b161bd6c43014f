import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import type { DeclineSaid } from '../../../src/billing/recovery/decline.ts';
import { DECLINE_CLASSES, type DeclineClass } from '../../../src/billing/recovery/decline-codes.ts';
import { minuteIn } from '../../../src/platform/business-day.ts';
import { depth, propertyRun } from '../../support/property.ts';
import { type Happened, letterDays, retryDays, type Story, sixtyDays, ZONE } from './unpaid-customer.ts';

const own = recoveryPolicy.parse({ mode: 'own' });
const stripe = recoveryPolicy.parse({});
const CODE = {
  lost_card: 'stolen_card',
  stop: 'stop_payment_order',
  not_possible: 'transaction_not_allowed',
  authenticate: 'authentication_required',
  card_data: 'expired_card',
  unclear: 'do_not_honor',
  money: 'insufficient_funds',
  later: 'processing_error',
} as const satisfies Record<DeclineClass, string>;

function unpaid(said: DeclineSaid, others: Partial<Story> = {}): Happened {
  return sixtyDays({ policy: own, invoices: [{ day: 0, said }], ...others });
}

/** Days after the first failure, at 10:00 of the customer. Nothing else happens on the sixty days. */
const ALONE = 'failed 0, reminder 4, warning 25, ended 28';
const PATIENT = 'failed 1, reminder 5, warning 25, ended 28';
const STRIPE_ALONE = 'failed 0, reminder 4, reminder 10, ended 14';
const STRIPE_PATIENT = 'failed 2, reminder 6, reminder 12, ended 14';
const FOUR = 'step 1, step 3, step 5, step 7';

describe('an invoice that is never paid, where we try', () => {
  test.each<[DeclineClass, string, string]>([
    ['lost_card', ALONE, ''],
    ['stop', ALONE, ''],
    ['not_possible', ALONE, ''],
    ['authenticate', ALONE, ''],
    ['card_data', ALONE, ''],
    ['unclear', PATIENT, FOUR],
    ['money', PATIENT, `${FOUR}, step 10, step 14, step 21`],
    ['later', PATIENT, `${FOUR}, step 10, step 14, step 21`],
  ])('%s: %s · %s', (of, letters, retries) => {
    const happened = unpaid({ decline_code: CODE[of] });
    expect([letterDays(happened), retryDays(happened)]).toEqual([letters, retries]);
    expect(happened.letters).toHaveLength(4);
  });

  test.each<[string, string, string]>([
    // An hour, a day and two days are no longer than the steps wait anyway, but for the first after two.
    ['24', PATIENT, `${FOUR}, step 10, step 14, step 21`],
    ['25', PATIENT, `${FOUR}, step 10, step 14, step 21`],
    ['26', 'failed 2, reminder 6, warning 25, ended 28', 'step 2, step 4, step 6, step 8, step 10, step 14, step 21'],
    ['02', 'failed 2, reminder 6, warning 25, ended 28', 'step 3, step 6, step 9, step 12, step 15, step 21'],
    ['27', 'failed 2, reminder 6, warning 25, ended 28', 'step 4, step 8, step 12, step 16, step 21'],
    ['30', 'failed 2, reminder 6, warning 25, ended 28', 'step 10, step 20'],
  ])('the network’s advice %s: %s · %s', (network_advice_code, letters, retries) => {
    const happened = unpaid({ decline_code: 'processing_error', network_advice_code });
    expect([letterDays(happened), retryDays(happened)]).toEqual([letters, retries]);
  });
});

describe('an invoice that is never paid, where Stripe tries', () => {
  test.each<[DeclineClass, string]>([
    ['lost_card', STRIPE_ALONE],
    ['stop', STRIPE_ALONE],
    ['not_possible', STRIPE_ALONE],
    ['authenticate', STRIPE_ALONE],
    ['card_data', STRIPE_ALONE],
    ['unclear', STRIPE_PATIENT],
    ['money', STRIPE_PATIENT],
    ['later', STRIPE_PATIENT],
  ])('%s: %s, and no try of ours', (of, letters) => {
    const happened = unpaid({ decline_code: CODE[of] }, { policy: stripe });
    expect([letterDays(happened), retryDays(happened)]).toEqual([letters, '']);
  });
});

describe('what happens on the way', () => {
  const money = { decline_code: 'insufficient_funds' };
  const expired = { decline_code: 'expired_card' };
  test.each(['paid', 'refunded', 'cancelled'] as const)('nothing follows once it is %s', (how) => {
    const happened = unpaid(money, { closed: { day: 4, how } });
    expect([letterDays(happened), retryDays(happened)]).toEqual(['failed 1', 'step 1, step 3']);
  });

  test.each([own, stripe])('a new card that is declined, too, is tried once at once ($mode)', (policy) => {
    const newCard = { day: 9.5, id: 'B', said: expired };
    const happened = unpaid(expired, { policy, newCard });
    expect(retryDays(happened)).toBe('new_card 9');
    expect(happened.letters).toHaveLength(4);
  });

  test('a new card on which the money may come goes on with the steps', () => {
    const happened = unpaid(expired, { newCard: { day: 9.5, id: 'B', said: money } });
    expect(retryDays(happened)).toBe('new_card 9, step 10, step 14, step 21');
  });

  test('after three days without anybody there is one letter and one try', () => {
    const happened = unpaid(money, { away: [0.5, 3.5] });
    expect(letterDays(happened)).toBe('failed 3, reminder 7, warning 25, ended 28');
    expect(retryDays(happened)).toBe(`step 3, step 5, step 7, step 10, step 14, step 21`);
  });

  test('after a month without anybody the end is told, and nothing tried', () => {
    const happened = unpaid(money, { away: [0.5, 31] });
    expect([letterDays(happened), retryDays(happened)]).toEqual(['ended 31', '']);
  });

  test('three invoices that fail at once are told in the letters of one', () => {
    const happened = sixtyDays({ policy: own, invoices: [0, 0, 0].map((day) => ({ day, said: expired })) });
    expect(happened.cases.map((_, index) => letterDays(happened, index))).toEqual([ALONE, ALONE, ALONE]);
    expect(happened.letters).toHaveLength(4);
  });

  test('three that fail in four days are told in eight letters, not in twelve', () => {
    const happened = sixtyDays({ policy: own, invoices: [0, 1, 3].map((day) => ({ day, said: expired })) });
    expect(happened.cases.map((_, index) => letterDays(happened, index))).toEqual([
      // On the days 0, 2, 25 and 28; 2, 4, 25 and 30; 4, 8, 28 and 32.
      'failed 0, reminder 2, warning 25, ended 28',
      'failed 1, reminder 3, warning 24, ended 29',
      'failed 1, reminder 5, warning 25, ended 29',
    ]);
    expect(happened.letters).toHaveLength(8);
  });
});

describe('whenever somebody looks and whatever fails', () => {
  const said = fc.constantFrom(...DECLINE_CLASSES).map((of) => ({ decline_code: CODE[of] }));
  const days = (most: number) => fc.integer({ min: 0, max: most * 24 }).map((hours) => hours / 24);
  const stories = fc.record({
    policy: fc.constantFrom(own, stripe),
    invoices: fc.array(fc.record({ day: days(50), said }), { minLength: 1, maxLength: 5 }),
    newCard: fc.record({ day: days(40), id: fc.constant('B'), said }),
    looks: fc.array(days(60), { minLength: 60, maxLength: 120 }),
  });
  const timeOf = (at: Date) => minuteIn(ZONE, at).slice(-5);
  const daysBetween = (from: Date, to: Date) => (to.getTime() - from.getTime()) / 86_400_000;
  /** How many there are in as many days before each, itself counted; the most. */
  const mostWithin = (moments: readonly Date[], most: number) =>
    Math.max(0, ...moments.map((to) => moments.filter((at) => at <= to && daysBetween(at, to) < most).length));

  test('nobody is written to at night, or too often', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { cases, letters } = sixtyDays(story);
        for (const at of letters) expect(timeOf(at) >= '08:00' && timeOf(at) < '20:00', timeOf(at)).toBe(true);
        expect(mostWithin(letters, 2)).toBeLessThanOrEqual(1);
        expect(mostWithin(letters, 30)).toBeLessThanOrEqual(6);
        for (const each of cases) expect(each.letters.length).toBeLessThanOrEqual(4);
      }),
      propertyRun(20 * depth),
    );
  });

  test('no card is tried that must not be, and none too often', () => {
    fc.assert(
      fc.property(stories, (story) => {
        const { cases, attempts } = sixtyDays(story);
        for (const { retries } of cases) {
          const [steps, news] = [
            retries.filter(({ why }) => why === 'step'),
            retries.filter(({ why }) => why !== 'step'),
          ];
          expect(steps.length).toBeLessThanOrEqual(story.policy.mode === 'own' ? 7 : 0);
          expect(news.length).toBeLessThanOrEqual(1);
          for (const { at } of steps) expect(timeOf(at)).toMatch(/^(09|10):/);
        }
        for (const { at, card } of cases.flatMap(({ retries }) => retries)) {
          const before = attempts.filter((each) => each.card === card && each.at < at);
          for (const each of before) expect(daysBetween(each.at, at)).toBeGreaterThanOrEqual(1);
          for (const { decline } of before) expect(decline?.retry).not.toBe('never');
          expect(before.filter((each) => daysBetween(each.at, at) < 30).length).toBeLessThan(15);
        }
      }),
      propertyRun(20 * depth),
    );
  });
});
