import type { Knex } from 'knex';
import { queueLetter } from '../../messages/outbox.ts';
import { after } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { SayChanged } from '../agreement/bring-into-agreement.ts';
import { recoveryEnded } from '../letters/recovery-ended.ts';
import { recoveryFailed } from '../letters/recovery-failed.ts';
import { recoveryReminder } from '../letters/recovery-reminder.ts';
import { recoveryWarning } from '../letters/recovery-warning.ts';
import type { RecoveryPolicy } from '../policy/recovery.ts';
import { failuresOf } from '../subscriptions/payment-attempts.ts';
import { nowAt } from '../subscriptions/subscriptions.ts';
import { frozenTimeOf } from '../subscriptions/test-clocks.ts';
import { classifyDecline } from './decline.ts';
import { type LetterKind, nextLetter } from './next-letter.ts';
import { type JointLetter, oneLetter, type PlannedLetter } from './one-letter.ts';
import { asToldEnd, ENDS_AFTER } from './recovery-case.ts';
import {
  type CaseToTell,
  casesToTell,
  customersToLookAt,
  lockCustomer,
  lookAgain,
  subscriptionsAtTheirEnd,
  subscriptionsGivenUp,
} from './recovery-cases.ts';
import { lettersAbout, lettersToCustomer, recordLetter, type WrittenLetter } from './recovery-letters.ts';
import { isUnsubscribed } from './unsubscribed.ts';
import { askForAddress } from './without-address.ts';

/** What time does to failed payments: a letter is due, or Stripe has given up. Any number of processes may look for it. */
export interface RecoveryWorld {
  readonly policy: RecoveryPolicy;
  /** Of the business: it stands in for that of the customers where the policy names none. */
  readonly timeZone: string;
}

const AT_ONCE = 200;

/** An open case is looked at again after this, whatever is planned: the policy may be another one. Seconds. */
const LOOK_EVERY = 3_600;

const DAY = 86_400;

const LETTERS = {
  failed: recoveryFailed,
  reminder: recoveryReminder,
  warning: recoveryWarning,
  ended: recoveryEnded,
} as const satisfies Record<LetterKind, unknown>;

/** @returns how many cases were decided again, since Stripe has given up some time ago, or their end by our plan has come */
export async function agreeGivenUp(db: Db, changed: SayChanged): Promise<number> {
  const due = await subscriptionsGivenUp(db, ENDS_AFTER, AT_ONCE);
  due.push(...(await subscriptionsAtTheirEnd(db, await nowAt(db), AT_ONCE)));
  for (const id of due) await db.transaction((trx) => changed(trx, { record: 'subscription', id }));
  return due.length;
}

/** @returns how many letters were queued */
export async function writeDueLetters(db: Db, world: RecoveryWorld): Promise<number> {
  let written = 0;
  for (const customer of await customersToLookAt(db, AT_ONCE)) {
    if (await db.transaction((trx) => writeTo(trx, customer, world))) written += 1;
  }
  return written;
}

/** Decided, queued and recorded in one transaction, under the lock of the customer. */
async function writeTo(trx: Knex.Transaction, customer: string, world: RecoveryWorld): Promise<boolean> {
  if (!(await lockCustomer(trx, customer))) return false;
  const cases = await casesToTell(trx, customer);
  const everybodys = await nowAt(trx);
  // After the cases are locked: whoever moves the clock has these looked at once more.
  const frozen = await frozenTimeOf(trx, cases.find((each) => each.test_clock !== null)?.test_clock ?? null);
  // In test mode a clock of Stripe says which day it is for him. When he is looked at again is a matter of this machine all the same.
  const now = frozen ?? everybodys;
  if (frozen && cases.some((each) => isAhead(each, frozen))) {
    for (const { invoice } of cases) await lookAgain(trx, invoice, after(everybodys, LOOK_EVERY));
    return false;
  }
  const written = await lettersAbout(trx, idsOf(cases));
  const planned = await plansOf(trx, customer, cases, written, now, world);
  const joint = (await isUnsubscribed(trx, customer)) ? undefined : oneLetter(planned, world.policy);
  const email = cases.find((each) => each.email !== null)?.email ?? null;
  const isDue = joint !== undefined && joint.at <= now;
  if (isDue && email === null && joint.tells[0]) await askForAddress(trx, customer, joint.tells[0].case);
  if (isDue && email !== null) {
    await write(trx, { joint, customer, email, written, world, now, onTestClock: frozen !== null });
    // What is due after it is planned by what was written.
    for (const { invoice } of cases) await lookAgain(trx, invoice, everybodys);
    return true;
  }
  for (const { case: invoice, plan } of planned) {
    const isOver = plan.letter === 'none' && cases.some((each) => each.invoice === invoice && each.how !== null);
    const soon = after(everybodys, LOOK_EVERY);
    const at = !frozen && plan.letter !== 'none' && plan.at > now && plan.at < soon ? plan.at : soon;
    await lookAgain(trx, invoice, isOver ? null : at);
  }
  return false;
}

/** More has happened than it is time for: Stripe moves the clock, and has not told that it has arrived. */
function isAhead({ last_failed_at: failed, ended_at: ended }: CaseToTell, now: Date): boolean {
  return failed > now || (ended !== null && ended > now);
}

function idsOf(cases: readonly CaseToTell[]): string[] {
  return cases.map(({ invoice }) => invoice);
}

async function plansOf(
  trx: Knex.Transaction,
  customer: string,
  cases: readonly CaseToTell[],
  written: ReadonlyMap<string, readonly WrittenLetter[]>,
  now: Date,
  { policy, timeZone }: RecoveryWorld,
): Promise<PlannedLetter[]> {
  const failures = await failuresOf(trx, idsOf(cases));
  const circumstances = {
    policy,
    now,
    timeZone: policy.time_zone ?? timeZone,
    lettersToCustomer: await lettersToCustomer(trx, customer, now),
  };
  return cases.map(
    ({ invoice, billing_reason: billingReason, given_up_at: givenUp, ends_at: endsAt, how, ended_at: endedAt }) => {
      const failed = failures.get(invoice) ?? [];
      const facts = {
        billingReason,
        failures: failed.map((each) => ({ at: each.at, class: classifyDecline(each).class })),
        plannedEnd: endsAt ?? givenUp ?? undefined,
        ended: how && endedAt ? asToldEnd({ how, at: endedAt }) : undefined,
        letters: written.get(invoice) ?? [],
      };
      return { case: invoice, plan: nextLetter(facts, circumstances) };
    },
  );
}

interface Written {
  readonly joint: JointLetter;
  readonly customer: string;
  readonly email: string;
  readonly written: ReadonlyMap<string, readonly WrittenLetter[]>;
  readonly world: RecoveryWorld;
  /** In the time of the customer. */
  readonly now: Date;
  /** His days pass in minutes: the outbox, which counts by the days of everybody, neither waits nor counts. The plan has done both. */
  readonly onTestClock: boolean;
}

async function write(trx: Knex.Transaction, facts: Written): Promise<void> {
  const { joint, customer, email, written, world, now: at, onTestClock } = facts;
  const [first] = joint.tells;
  if (!first) return;
  const key = `recovery:${first.case}:${(written.get(first.case)?.length ?? 0) + 1}`;
  const tells = joint.tells.map(({ case: invoice, letter, ask }) => ({ invoice, letter, ask }));
  const cap = { key: `recovery:${customer}`, most: world.policy.letters.most_per_30_days, seconds: 30 * DAY };
  const spared = onTestClock ? {} : { notBefore: joint.at, cap };
  await queueLetter(trx, LETTERS[first.letter], { tells }, { to: email, key, ...spared });
  for (const { case: invoice, letter } of joint.tells)
    await recordLetter(trx, { invoice, customer, kind: letter, at, key });
}
