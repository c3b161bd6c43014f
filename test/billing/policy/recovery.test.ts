import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  MOST_PER_30_DAYS,
  MOST_PER_DAY,
  recoveryInFile,
  recoveryPolicy,
} from '../../../src/billing/policy/recovery.ts';

function complaintAbout(policy: unknown): string {
  const { error } = recoveryPolicy.safeParse(policy);
  return error ? z.prettifyError(error) : 'no complaint';
}

test('without a word Stripe tries, and customers are told seldom and by day', () => {
  expect(recoveryPolicy.parse(undefined)).toEqual({
    mode: 'stripe',
    retries: {
      steps_days: [1, 3, 5, 7, 10, 14, 21],
      most: { money: 7, later: 7, unclear: 4 },
      hours: { from: '09:00', to: '11:00' },
      most_per_30_days: 15,
    },
    letters: {
      patience_hours: 48,
      reminders_days: [4, 6],
      warning_days: 3,
      most_per_case: 4,
      most_per_30_days: 6,
      hours_between: 48,
    },
    quiet_hours: { from: '20:00', to: '08:00' },
    end_days: 28,
    at_end: 'cancel',
  });
});

test('the limits of the networks are where Stripe blocks a card', () => {
  expect([MOST_PER_30_DAYS, MOST_PER_DAY]).toEqual([15, 1]);
});

test.each([
  ['own tries', { mode: 'own' }],
  ['what is so without a word, too', { mode: 'stripe', at_end: 'cancel' }],
  ['no letters', { letters: { most_per_case: 0 } }],
  ['no steps', { retries: { steps_days: [] } }],
  ['steps without a pause', { retries: { steps_days: [1, 2, 3, 4, 5, 6, 7] } }],
  ['no try after an unclear decline', { retries: { most: { money: 7, later: 0, unclear: 0 } } }],
  ['all that is allowed', { retries: { most_per_30_days: 15, most: { unclear: 7 } }, letters: { patience_hours: 0 } }],
  [
    'the least that is allowed',
    { retries: { most_per_30_days: 1 }, letters: { most_per_30_days: 1, warning_days: 1 } },
  ],
  ['long pauses', { letters: { hours_between: 720, reminders_days: [2, 60], warning_days: 30, patience_hours: 168 } }],
  ['no quiet hours', { quiet_hours: null }],
  ['the first and the last minute', { quiet_hours: { from: '23:59', to: '00:00' } }],
  ['another zone', { time_zone: 'America/Los_Angeles' }],
  ['a case of a day', { end_days: 1, retries: { steps_days: [] } }],
  ['a case that ends the day after the last step', { end_days: 22 }],
  ['a long case', { end_days: 60, at_end: 'pause', retries: { steps_days: [59] } }],
  ['nothing at the end', { at_end: 'nothing' }],
])('a file may say: %s', (_what, policy) => {
  expect(recoveryPolicy.parse(policy)).toMatchObject(policy);
});

describe('a file that is refused names the field and says what to do', () => {
  test.each<[string, object, string, string]>([
    ['another mode', { mode: 'both' }, 'must be stripe or own', 'mode'],
    [
      'more tries than a card survives',
      { retries: { most_per_30_days: 16 } },
      'must be a whole number from 1 to 15: lower it to 15 or less, above which networks charge fees and Stripe blocks the card',
      'retries.most_per_30_days',
    ],
    [
      'no try at all',
      { retries: { most_per_30_days: 0 } },
      'must be a whole number from 1 to 15',
      'retries.most_per_30_days',
    ],
    [
      'half a try',
      { retries: { most_per_30_days: 1.5 } },
      'must be a whole number from 1 to 15',
      'retries.most_per_30_days',
    ],
    [
      'eight steps',
      { retries: { steps_days: [1, 2, 3, 4, 5, 6, 7, 8] } },
      'must be at most 7 steps: leave some out',
      'retries.steps_days',
    ],
    [
      'two tries on a day',
      { retries: { steps_days: [1, 3, 3] } },
      'must grow by a day or more from step to step, for a card is tried once a day: put the days in order',
      'retries.steps_days',
    ],
    ['steps out of order', { retries: { steps_days: [5, 3] } }, 'must grow by a day or more', 'retries.steps_days'],
    [
      'the day of the failure',
      { retries: { steps_days: [0] } },
      'must be a whole number from 1 to 60: days',
      'retries.steps_days[0]',
    ],
    [
      'half a day',
      { retries: { steps_days: [1.5] } },
      'must be a whole number from 1 to 60: days',
      'retries.steps_days[0]',
    ],
    ['a step after months', { retries: { steps_days: [61] } }, 'days after the first failure', 'retries.steps_days[0]'],
    [
      'more tries than steps',
      { retries: { most: { money: 8 } } },
      'must be a whole number from 0 to 7: lower it, or 0 for no try of ours after such a decline',
      'retries.most.money',
    ],
    ['tries after what forbids them', { retries: { most: { stop: 1 } } }, 'Unrecognized key: "stop"', 'retries.most'],
    [
      'too many letters',
      { letters: { most_per_case: 5 } },
      'must be a whole number from 0 to 4: lower it, or 0 for no letters at all',
      'letters.most_per_case',
    ],
    [
      'too many letters to one customer',
      { letters: { most_per_30_days: 7 } },
      'must be a whole number from 1 to 6: lower it, for it counts all letters about failed payments to one customer',
      'letters.most_per_30_days',
    ],
    [
      'letters that follow too closely',
      { letters: { hours_between: 47 } },
      'must be a whole number from 48 to 720: raise it to 48 or more, the least between two letters to one customer',
      'letters.hours_between',
    ],
    ['pauses of months', { letters: { hours_between: 721 } }, 'from 48 to 720', 'letters.hours_between'],
    [
      'no patience that ends',
      { letters: { patience_hours: 169 } },
      'from 0 to 168: hours after the first failure',
      'letters.patience_hours',
    ],
    [
      'a daily reminder',
      { letters: { reminders_days: [1] } },
      'from 2 to 60: days after the letter before',
      'letters.reminders_days[0]',
    ],
    [
      'a warning at the end',
      { letters: { warning_days: 0 } },
      'from 1 to 30: days before the end',
      'letters.warning_days',
    ],
    [
      'a time that is none',
      { quiet_hours: { from: '24:00', to: '08:00' } },
      'must be a time of day from 00:00 to 23:59, as 08:00',
      'quiet_hours.from',
    ],
    [
      'a minute that is none',
      { retries: { hours: { from: '09:00', to: '11:60' } } },
      'must be a time of day',
      'retries.hours.to',
    ],
    ['a time in short', { quiet_hours: { from: '20:00', to: '8:00' } }, 'must be a time of day', 'quiet_hours.to'],
    [
      'a time with more behind it',
      { quiet_hours: { from: '20:00:00', to: '08:00' } },
      'must be a time of day',
      'quiet_hours.from',
    ],
    [
      'a time with more before it',
      { quiet_hours: { from: 'at 20:00', to: '08:00' } },
      'must be a time of day',
      'quiet_hours.from',
    ],
    [
      'a night of nothing or all',
      { quiet_hours: { from: '08:00', to: '08:00' } },
      'from and to are the same: say two times of day',
      'quiet_hours',
    ],
    [
      'a zone of another planet',
      { time_zone: 'Mars/Olympus_Mons' },
      'must be a time zone of the IANA database, as Europe/Berlin: correct it or leave it out',
      'time_zone',
    ],
    ['days of access, said twice', { grace_days: 7 }, 'is said by access.grace_days: leave it out here', 'grace_days'],
    ['an endless case', { end_days: 61 }, 'from 1 to 60: days after the first failure', 'end_days'],
    ['a case without a day', { end_days: 0 }, 'from 1 to 60: days after the first failure', 'end_days'],
    [
      'steps until the end',
      { end_days: 21 },
      'the last step is on day 21, and the case ends on day 21: end the steps before, or raise end_days',
      'retries.steps_days',
    ],
    ['another end', { at_end: 'delete' }, 'must be cancel, pause or nothing', 'at_end'],
    ['a mistyped field', { grace: 3 }, 'Unrecognized key: "grace"', ''],
    ['a mistyped field of tries', { retries: { step: [] } }, 'Unrecognized key: "step"', 'retries'],
    ['a mistyped field of letters', { letters: { most: 1 } }, 'Unrecognized key: "most"', 'letters'],
    [
      'a mistyped field of hours',
      { quiet_hours: { from: '20:00', until: '08:00' } },
      'Unrecognized key: "until"',
      'quiet_hours',
    ],
  ])('%s', (_what, policy, complaint, field) => {
    const said = complaintAbout(policy);
    expect(said).toContain(complaint);
    if (field) expect(`${said}\n`).toContain(`at ${field}\n`);
  });
});

describe('as a file may say it', () => {
  const complaint = (policy: unknown) => {
    const { error } = recoveryInFile.safeParse(policy);
    return error ? z.prettifyError(error) : 'no complaint';
  };

  test.each([
    ['nothing', undefined],
    ['that Stripe tries', { mode: 'stripe' }],
    ['letters and hours', { letters: { patience_hours: 0, most_per_case: 2 }, quiet_hours: null, time_zone: 'UTC' }],
    ['what would be so anyway', { end_days: 28, at_end: 'cancel' }],
    ['own tries', { mode: 'own' }],
    ['all about own tries', { mode: 'own', retries: { steps_days: [1, 2] }, end_days: 40, at_end: 'pause' }],
  ])('%s is taken', (_what, policy) => {
    expect(complaint(policy)).toBe('no complaint');
  });

  test.each([
    ['steps', { retries: { steps_days: [1, 2] } }, 'is for own tries', 'retries'],
    ['an end', { end_days: 40 }, 'when Stripe ends is set in its Dashboard', 'end_days'],
    ['what becomes of it', { at_end: 'pause' }, 'what Stripe does then is set in its Dashboard', 'at_end'],
    ['days of access', { mode: 'own', grace_days: 7 }, 'access.grace_days', 'grace_days'],
  ])('%s, where Stripe tries or access says it, is refused with a sentence', (_what, policy, sentence, entry) => {
    expect(complaint(policy)).toContain(sentence);
    expect(complaint(policy)).toContain(entry);
  });
});
