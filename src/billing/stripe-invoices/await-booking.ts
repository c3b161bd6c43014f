import { type Db, rows } from '../../platform/db.ts';
import { NotYetError } from '../../platform/errors.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import type { Deps } from '../deps/deps.ts';
import type { Question } from '../desk/questions.ts';
import { askPerson } from '../desk/review-items.ts';
import { type PaymentLease, refOf } from '../payments/payment-lease.ts';
import { noteUnbooked } from '../payments/payments.ts';

/** Stripe promises the booking, and the event that tells of it, within an hour; mostly it takes seconds. */
const LONGEST_WAIT_SECONDS = 3_600;
const PAUSE_SECONDS = { shortest: 1, longest: 300 };

export const UNBOOKED = 'payment_not_booked';

/**
 * A payment whose day is not known yet. Each event that asks is tried again by itself, at growing distances, so that
 * nothing depends on `charge.updated` reaching us: the endpoint may not be subscribed to it, or an older release may have
 * taken it. After an hour a person is asked; the payment is not parked, so a booking that comes later settles it.
 * @throws NotYetError during that hour
 */
export async function awaitBooking(why: string, lease: PaymentLease, { db }: Pick<Deps, 'db'>): Promise<Outcome> {
  const { paymentIntent } = refOf(lease);
  const waited = await noteUnbooked(db, lease);
  if (waited < LONGEST_WAIT_SECONDS) {
    const pause = Math.min(Math.max(waited, PAUSE_SECONDS.shortest), PAUSE_SECONDS.longest);
    throw new NotYetError(`Payment ${paymentIntent} waits: ${why}`, pause * 1_000);
  }
  // Who wants no invoice for it has it skipped: nobody is asked twice.
  const question = questionAbout(paymentIntent, why);
  await askPerson(db, question);
  return { outcome: 'review', reason: question.summary, paymentIntent };
}

/** Asked at a time: the next round takes the others. */
const BATCH = 100;

/** The same question where no event is left to ask it, as after a backfill. A payment that is being settled is left alone. */
export async function askAboutUnbooked(db: Db): Promise<void> {
  await db.transaction(async (trx) => {
    const waiting = await rows<{ payment_intent: string; why: string }>(
      trx,
      `SELECT payment_intent, coalesce(reason, 'Stripe has not booked it') AS why FROM payments p
       WHERE account = '' AND unbooked_since < now() - make_interval(secs => :longest)
         AND NOT EXISTS (SELECT FROM review_items r WHERE r.kind = :kind AND r.subject = p.payment_intent AND r.state = 'open')
       ORDER BY unbooked_since LIMIT :batch FOR UPDATE SKIP LOCKED`,
      { longest: LONGEST_WAIT_SECONDS, kind: UNBOOKED, batch: BATCH },
    );
    for (const { payment_intent, why } of waiting) await askPerson(trx, questionAbout(payment_intent, why));
  });
}

function questionAbout(paymentIntent: string, why: string): Question {
  const summary = `Payment ${paymentIntent} has succeeded, and its documents wait for more than an hour, since it is not known on which day the money came: ${why}.`;
  return { kind: UNBOOKED, subject: paymentIntent, summary, details: {} };
}
