import { type Db, firstRow } from '../../platform/db.ts';
import { failuresOf } from '../subscriptions/payment-attempts.ts';
import { timeOn } from '../subscriptions/test-clocks.ts';
import { classifyDecline } from './decline.ts';
import { type LetterPlan, nextLetter } from './next-letter.ts';
import { asToldEnd, type EndOfCase } from './recovery-case.ts';
import { lettersAbout, lettersToCustomer } from './recovery-letters.ts';
import { isUnsubscribed } from './unsubscribed.ts';
import type { RecoveryWorld } from './write-letters.ts';

interface CaseRow {
  readonly customer: string;
  readonly billing_reason: string | null;
  readonly given_up_at: Date | null;
  readonly ends_at: Date | null;
  readonly how: EndOfCase['how'] | null;
  readonly ended_at: Date | null;
  readonly stopped_at: Date | null;
  readonly look_at: Date | null;
  readonly email: string | null;
  readonly test_clock: string | null;
}

/** What is written next about a case, for people who look at it: by the rules of the letters, and nothing comes of it. */
export async function plannedLetter(db: Db, invoice: string, world: RecoveryWorld): Promise<LetterPlan | undefined> {
  const row = await firstRow<CaseRow>(
    db,
    `SELECT c.customer, i.billing_reason, c.given_up_at, c.ends_at, c.how, c.ended_at, c.stopped_at, c.look_at, s.email, s.test_clock
     FROM recovery_cases c JOIN subscription_invoices i ON i.id = c.invoice JOIN subscriptions s ON s.id = c.subscription
     WHERE c.invoice = ?`,
    [invoice],
  );
  if (!row) return undefined;
  const { policy, timeZone } = world;
  const now = await timeOn(db, row.test_clock);
  return db.transaction(async (trx) => {
    if (row.stopped_at) return none('somebody has stopped the letters about it');
    if (await isUnsubscribed(trx, row.customer)) return none('the customer is unsubscribed from them');
    if (row.look_at === null) return none('it has ended, or was found too late to tell');
    const failed = (await failuresOf(trx, [invoice])).get(invoice) ?? [];
    const plan = nextLetter(
      {
        billingReason: row.billing_reason,
        failures: failed.map((each) => ({ at: each.at, class: classifyDecline(each).class })),
        plannedEnd: row.ends_at ?? row.given_up_at ?? undefined,
        ended: row.how && row.ended_at ? asToldEnd({ how: row.how, at: row.ended_at }) : undefined,
        letters: (await lettersAbout(trx, [invoice])).get(invoice) ?? [],
      },
      {
        policy,
        now,
        timeZone: policy.time_zone ?? timeZone,
        lettersToCustomer: await lettersToCustomer(trx, row.customer, now),
      },
    );
    return plan.letter !== 'none' && row.email === null ? none('the customer has no e-mail address at Stripe') : plan;
  });
}

function none(reason: string): LetterPlan {
  return { letter: 'none', reason };
}
