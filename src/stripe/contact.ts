import { type Db, firstRow } from '../platform/db.ts';

/**
 * Whether Stripe can be reached at all, as all processes together know it: the table `stripe_contact`. One call that fails says
 * nothing of that; none that succeeds for a while does.
 */
export interface StripeContact {
  /** Stripe has answered something that is of use: not that the key is wrong, nor that it is broken itself. */
  answered(): void;
  /** A call has failed in a way that may be everybody's. @returns how things stand */
  failed(error: string): Promise<ContactState>;
}

export interface ContactState {
  /** Since the last answer to any process; null when there never was one. */
  readonly silentSeconds: number | null;
  /** Since the first failure after it. */
  readonly failingSeconds: number;
}

/** An answer is noted so often at the most: a window of silence is longer. */
const NOTE_EVERY_MS = 5_000;

/** @param report what goes wrong with a note; the call that it is about has succeeded all the same */
export function stripeContact(db: Db, report: (error: Error) => void): StripeContact {
  let noted = Number.NEGATIVE_INFINITY;
  return {
    answered() {
      if (performance.now() - noted < NOTE_EVERY_MS) return;
      noted = performance.now();
      noteAnswer(db).catch(report);
    },
    async failed(error) {
      // Whatever is answered next is news.
      noted = Number.NEGATIVE_INFINITY;
      const state = await firstRow<ContactState>(
        db,
        `UPDATE stripe_contact SET failing_since = coalesce(failing_since, now()), last_error = :error
         RETURNING extract(epoch FROM now() - answered_at)::float8 AS "silentSeconds",
                   extract(epoch FROM now() - failing_since)::float8 AS "failingSeconds"`,
        { error: error.slice(0, 500) },
      );
      return state ?? { silentSeconds: null, failingSeconds: 0 };
    },
  };
}

async function noteAnswer(db: Db): Promise<void> {
  await firstRow(db, 'UPDATE stripe_contact SET answered_at = now(), failing_since = NULL, last_error = NULL');
}

export interface Silence {
  readonly seconds: number;
  readonly last_error: string;
}

/** @returns undefined while Stripe answers, or nothing was asked of it */
export async function silenceOfStripe(db: Db): Promise<Silence | undefined> {
  return firstRow<Silence>(
    db,
    `SELECT extract(epoch FROM now() - failing_since)::integer AS seconds, last_error FROM stripe_contact
     WHERE failing_since IS NOT NULL AND (answered_at IS NULL OR answered_at < failing_since)`,
  );
}
