import { type Db, rows } from '../platform/db.ts';
import { silenceOfStripe } from '../stripe/contact.ts';
import { askPerson, withdrawQuestion } from './desk/review-items.ts';

/** What is asked while nothing can be done at Stripe. */
declare module './desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is `stripe`. */
    stripe_unreachable: { error: string };
    /** The subject is the permission, as Stripe names it. */
    stripe_permission_missing: { error: string };
  }
}

const UNREACHABLE = { kind: 'stripe_unreachable', subject: 'stripe' } as const;
/** Shorter silences are over before anybody could do something about them. */
const ASK_AFTER_SECONDS = 5 * 60;

/** One question, however many events wait; the first answer withdraws it. */
export async function askAboutSilence(db: Db): Promise<void> {
  const silence = await silenceOfStripe(db);
  if (!silence) return withdrawQuestion(db, UNREACHABLE, 'Stripe answers again');
  if (silence.seconds < ASK_AFTER_SECONDS) return;
  await askPerson(db, {
    ...UNREACHABLE,
    summary: `Stripe has answered nothing for ${minutes(silence.seconds)}: ${silence.last_error} No event is lost, and none is used up: they go on once Stripe answers. Look whether the secret key was revoked, or the network is closed.`,
    details: { error: silence.last_error },
  });
}

function minutes(seconds: number): string {
  const whole = Math.round(seconds / 60);
  return whole < 120 ? `${whole} minutes` : `${Math.round(whole / 60)} hours`;
}

const PERMISSION = 'stripe_permission_missing';

/** One question for each permission. Events that need it are tried again by themselves. */
export async function askAboutPermission(db: Db, permission = 'unnamed', error: string): Promise<void> {
  await askPerson(db, {
    kind: PERMISSION,
    subject: permission,
    summary: `The secret key lacks a permission at Stripe: ${error} Grant it in the Dashboard (Developers, API keys); the events that need it go on by themselves.`,
    details: { error },
  });
}

/** Who still lacks it is told every five minutes. */
const GRANTED_AFTER_MINUTES = 15;

/** No event has met the refusal for a while: it was granted. */
export async function withdrawGranted(db: Db): Promise<void> {
  const quiet = await rows<{ subject: string }>(
    db,
    `SELECT subject FROM review_items WHERE kind = :kind AND state = 'open'
       AND coalesce(seen_again_at, opened_at) < now() - make_interval(mins => :minutes)`,
    { kind: PERMISSION, minutes: GRANTED_AFTER_MINUTES },
  );
  for (const { subject } of quiet)
    await withdrawQuestion(db, { kind: PERMISSION, subject }, 'nothing meets it any more');
}
