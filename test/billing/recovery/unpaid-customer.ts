import type { RecoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import { plannedEnd } from '../../../src/billing/recovery/case-end.ts';
import { classifyDecline, type DeclineSaid } from '../../../src/billing/recovery/decline.ts';
import { type CaseEnd, type CaseLetter, nextLetter } from '../../../src/billing/recovery/next-letter.ts';
import { type Card, type CardAttempt, nextRetry, type Retry } from '../../../src/billing/recovery/next-retry.ts';
import { oneLetter } from '../../../src/billing/recovery/one-letter.ts';
import { after } from '../../../src/platform/clock.ts';

/** A customer whose cards are declined, whatever is tried, over sixty days; and what the rules do about it. */

const DAY = 86_400;
export const ZONE = 'Europe/Berlin';
/** Monday, 2 March 2026, 10:00 there; clocks go forward on day 27. */
export const START = new Date('2026-03-02T09:00:00Z');
export const day = (days: number) => after(START, days * DAY);

/** Where Stripe tries, it does so on these days after the failure, and ends the case at the last. */
export const STRIPE_TRIES = [2, 4, 6, 8, 10, 12, 14];

export interface Story {
  readonly policy: RecoveryPolicy;
  /** The invoices whose payment fails: when for the first time, and with which word each time. */
  readonly invoices: readonly { readonly day: number; readonly said: DeclineSaid }[];
  /** Another card is set, which is declined with these words, too. */
  readonly newCard?: { readonly day: number; readonly id: string; readonly said: DeclineSaid };
  /** All invoices are closed. */
  readonly closed?: { readonly day: number; readonly how: CaseEnd['how'] };
  /** Nobody of ours looks between these days. */
  readonly away?: readonly [from: number, to: number];
  /** When somebody of ours looks; without it, always when something is planned. */
  readonly looks?: readonly number[];
}

interface OpenCase {
  readonly firstFailedAt: Date;
  readonly said: DeclineSaid;
  readonly failures: CardAttempt[];
  readonly letters: CaseLetter[];
  readonly retries: Retry[];
  ended?: CaseEnd;
}

export interface Happened {
  readonly cases: readonly OpenCase[];
  /** To the customer, each once, however many cases it tells. */
  readonly letters: readonly Date[];
  /** On all cards, of ours and of Stripe. */
  readonly attempts: readonly CardAttempt[];
}

export function sixtyDays(story: Story): Happened {
  const { policy, away, looks, newCard, closed } = story;
  const own = policy.mode === 'own';
  const cases: OpenCase[] = [];
  const letters: Date[] = [];
  const attempts: CardAttempt[] = [];
  const isAway = (now: Date) => away !== undefined && now >= day(away[0]) && now < day(away[1]);
  const cardAt = (now: Date): Card =>
    newCard && now >= day(newCard.day) ? { id: newCard.id, since: day(newCard.day) } : { id: 'A', since: day(-90) };

  const decline = (open: OpenCase, now: Date) => {
    const card = cardAt(now).id;
    const said = newCard?.id === card ? newCard.said : open.said;
    const attempt = { at: now, card, decline: classifyDecline(said) };
    open.failures.push(attempt);
    attempts.push(attempt);
  };
  const endOf = (open: OpenCase) =>
    plannedEnd({ firstFailedAt: open.firstFailedAt, periodDays: 31 }, policy) ?? after(open.firstFailedAt, 14 * DAY);
  const stripeTries = ({ firstFailedAt, said }: OpenCase) =>
    own || !['few', 'spaced', 'after_wait'].includes(classifyDecline(said).retry)
      ? []
      : STRIPE_TRIES.map((days) => after(firstFailedAt, days * DAY));

  const retryOf = (open: OpenCase, now: Date) => {
    const plan = nextRetry(
      {
        live: { invoice: 'open', subscription: open.ended ? 'canceled' : 'past_due' },
        firstFailedAt: open.firstFailedAt,
        plannedEnd: endOf(open),
        card: cardAt(now),
        attempts,
        retries: open.retries,
      },
      { policy, now, timeZone: ZONE },
    );
    return plan.retry === 'none' ? undefined : plan;
  };
  const letterOf = (now: Date) => {
    const circumstances = { policy, now, timeZone: ZONE, lettersToCustomer: letters };
    const planned = cases.map((open, index) => {
      const failures = open.failures.map(({ at, decline: said }) => ({ at, class: said?.class ?? 'unclear' }));
      // Stripe says that it ends only as it does.
      const facts = {
        ...open,
        billingReason: 'subscription_cycle',
        failures,
        plannedEnd: own ? endOf(open) : undefined,
      };
      return { case: String(index), plan: nextLetter(facts, circumstances) };
    });
    return oneLetter(planned, policy);
  };

  const world = (now: Date) => {
    for (const { day: failed, said } of story.invoices) {
      if (day(failed).getTime() !== now.getTime()) continue;
      const open: OpenCase = { firstFailedAt: now, said, failures: [], letters: [], retries: [] };
      cases.push(open);
      decline(open, now);
    }
    for (const open of cases.filter(({ ended }) => !ended)) {
      if (closed && now >= day(closed.day)) open.ended = { how: closed.how, at: day(closed.day) };
      else if (stripeTries(open).some((at) => at.getTime() === now.getTime())) decline(open, now);
      if (!open.ended && now >= endOf(open)) open.ended = { how: 'exhausted', at: endOf(open) };
    }
  };
  const ours = (now: Date) => {
    for (const open of cases) {
      const retry = retryOf(open, now);
      if (!retry || retry.at > now) continue;
      open.retries.push({ why: retry.retry, at: now, card: cardAt(now).id });
      decline(open, now);
    }
    const letter = letterOf(now);
    if (!letter || letter.at > now) return;
    letters.push(now);
    for (const told of letter.tells) cases[Number(told.case)]?.letters.push({ kind: told.letter, at: now });
  };
  const moments = (now: Date): Date[] => [
    ...story.invoices.map((each) => day(each.day)),
    ...cases.flatMap((open) => [...stripeTries(open), endOf(open)]),
    ...[newCard?.day, closed?.day, away?.[1], ...(looks ?? [])].flatMap((each) =>
      each === undefined ? [] : day(each),
    ),
    ...(looks ? [] : [letterOf(now)?.at, ...cases.map((open) => retryOf(open, now)?.at)].flatMap((each) => each ?? [])),
  ];

  for (let now = START; now < day(60); ) {
    const here: Date = now;
    world(here);
    if (!isAway(here) && (!looks || looks.some((each) => day(each).getTime() === here.getTime()))) ours(here);
    now = moments(here).reduce((next, each) => (each > here && each < next ? each : next), day(60));
  }
  return { cases, letters, attempts };
}

/** `failed 0, reminder 4`: each with the day after the first failure on which it fell. */
export function letterDays({ cases }: Happened, index = 0): string {
  const open = cases[index];
  return open?.letters.map(({ kind, at }) => `${kind} ${daysFrom(open, at)}`).join(', ') ?? 'no case';
}

export function retryDays({ cases }: Happened, index = 0): string {
  const open = cases[index];
  return open?.retries.map(({ why, at }) => `${why} ${daysFrom(open, at)}`).join(', ') ?? 'no case';
}

function daysFrom({ firstFailedAt }: OpenCase, at: Date): number {
  return Math.floor((at.getTime() - firstFailedAt.getTime()) / 86_400_000);
}
