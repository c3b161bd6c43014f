import { z } from 'zod';
import { isTimeZone } from '../../platform/business-day.ts';

/**
 * How failed payments of subscriptions are recovered. What the networks forbid, and what would be spam, no file can allow:
 * limits below can be made narrower, not wider.
 */

/**
 * Tries on one card, whoever makes them: under Visa's 20 (15 until May 2025) and Mastercard's 35, and Stripe itself blocks
 * what it holds for too many: support.stripe.com/questions/payment-blocked-due-to-excessive-retries
 */
export const MOST_PER_30_DAYS = 15;
/** Tries on one card in 24 hours. Mastercard allows 10; recovery is a matter of days, not of hours. */
export const MOST_PER_DAY = 1;

const STEPS = 7;
const LETTERS = { perCase: 4, per30Days: 6, hoursBetween: 48 };

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day from 00:00 to 23:59, as 08:00');

const window = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, 'from and to are the same: say two times of day');

const whole = (least: number, most: number, why: string) => {
  const range = `must be a whole number from ${least} to ${most}${why && `: ${why}`}`;
  return z.int(range).min(least, range).max(most, range);
};

const most = whole(0, STEPS, 'lower it, or 0 for no try of ours after such a decline');

const retries = z
  .strictObject({
    /** Days after the first failure. Tries of ours only; those of Stripe have Stripe's own rhythm. */
    steps_days: z
      .array(whole(1, 60, 'days after the first failure'))
      .max(STEPS, `must be at most ${STEPS} steps: leave some out`)
      .default([1, 3, 5, 7, 10, 14, 21]),
    /** Tries of ours per case, by the class of the latest decline. The other classes are never tried again on the same card. */
    most: z.strictObject({ money: most.default(7), later: most.default(7), unclear: most.default(4) }).prefault({}),
    /** Local time of the customer. */
    hours: window.default({ from: '09:00', to: '11:00' }),
    /** On one card, all tries counted, those of Stripe and of the customer among them. */
    most_per_30_days: whole(
      1,
      MOST_PER_30_DAYS,
      `lower it to ${MOST_PER_30_DAYS} or less, above which networks charge fees and Stripe blocks the card`,
    ).default(MOST_PER_30_DAYS),
  })
  .refine(({ steps_days }) => steps_days.every((day, at) => day > (steps_days[at - 1] ?? 0)), {
    path: ['steps_days'],
    error: 'must grow by a day or more from step to step, for a card is tried once a day: put the days in order',
  })
  .prefault({});

const letters = z
  .strictObject({
    /** Hours after the first failure at which money, later and unclear declines are told, if no second failure came before. */
    patience_hours: whole(0, 168, 'hours after the first failure').default(48),
    /** Days after the letter before, one entry for each reminder. */
    reminders_days: z.array(whole(2, 60, 'days after the letter before')).default([4, 6]),
    /** Days before the end, when the last warning is due. */
    warning_days: whole(1, 30, 'days before the end').default(3),
    /** 0 writes none, where Stripe's own letters are switched on. */
    most_per_case: whole(0, LETTERS.perCase, 'lower it, or 0 for no letters at all').default(LETTERS.perCase),
    /** To one customer, over all cases. */
    most_per_30_days: whole(
      1,
      LETTERS.per30Days,
      'lower it, for it counts all letters about failed payments to one customer',
    ).default(LETTERS.per30Days),
    /** To one customer, over all cases. */
    hours_between: whole(
      LETTERS.hoursBetween,
      720,
      `raise it to ${LETTERS.hoursBetween} or more, the least between two letters to one customer`,
    ).default(LETTERS.hoursBetween),
  })
  .prefault({});

export const recoveryPolicy = z
  .strictObject({
    /** Who tries the card again: Stripe, by the rhythm that is set there, or we, once Stripe's is switched off. */
    mode: z.enum(['stripe', 'own'], 'must be stripe or own').default('stripe'),
    retries,
    letters,
    /** Local time of the customer; null for none. */
    quiet_hours: window.nullable().default({ from: '20:00', to: '08:00' }),
    /** For customers whose own zone is not known; without it that of the business. */
    time_zone: z
      .string()
      .refine(isTimeZone, 'must be a time zone of the IANA database, as Europe/Berlin: correct it or leave it out')
      .optional(),
    /** Here it would be a second truth. */
    grace_days: z.never('is said by access.grace_days: leave it out here').optional(),
    /** Days after the first failure at which a case ends unpaid; never longer than the period. In mode stripe, Stripe ends it. */
    end_days: whole(1, 60, 'days after the first failure').default(28),
    /** What becomes of the subscription then. In mode stripe, Stripe's own setting decides. */
    at_end: z.enum(['cancel', 'pause', 'nothing'], 'must be cancel, pause or nothing').default('cancel'),
  })
  .superRefine(({ retries: { steps_days }, end_days }, context) => {
    const last = steps_days.at(-1) ?? 0;
    if (last >= end_days) {
      const message = `the last step is on day ${last}, and the case ends on day ${end_days}: end the steps before, or raise end_days`;
      context.addIssue({ code: 'custom', path: ['retries', 'steps_days'], message });
    }
  })
  .prefault({});

export type RecoveryPolicy = z.output<typeof recoveryPolicy>;

/** What only our own tries go by: of what counts nothing it is said so, rather than taken and forgotten. */
const ONLY_OWN = [
  { entry: 'retries', message: 'is for own tries: leave it out, or say "mode": "own"' },
  {
    entry: 'end_days',
    message: 'is for own tries: when Stripe ends is set in its Dashboard. Leave it out, or say "mode": "own"',
  },
  {
    entry: 'at_end',
    message: 'is for own tries: what Stripe does then is set in its Dashboard. Leave it out, or say "mode": "own"',
  },
] as const;

/** As a file may say it. */
export const recoveryInFile = recoveryPolicy.superRefine((policy, context) => {
  if (policy.mode === 'own') return;
  const unsaid = recoveryPolicy.parse({});
  for (const { entry, message } of ONLY_OWN) {
    const isAsUnsaid = JSON.stringify(policy[entry]) === JSON.stringify(unsaid[entry]);
    if (!isAsUnsaid) context.addIssue({ code: 'custom', path: [entry], message });
  }
});
