import { type Db, firstRow, rows } from '../../platform/db.ts';

/** The table `checkout_walk`: how far Stripe's list of sessions was walked through. A walk goes page by page, and over a crash. */
export interface WalkStep {
  readonly since: Date;
  /** The session after which the page begins; null: it is the first. */
  readonly after: string | null;
  /** Which step this is, for whoever saves it. */
  readonly step: number;
  /** Before Stripe is asked. */
  readonly from: Date;
}

/** A session lives for 24 hours: whatever was open in the walk before is met again in this one, when it has ended. */
const OVERLAP_HOURS = 25;
const EVERY_SECONDS = 3_600;
/** Longer than a page takes. Whoever fails at it steps aside for so long. */
const TAKEN_SECONDS = 60;

/** @returns undefined when nothing is due, or another process is at it */
export async function takeStep(db: Db): Promise<WalkStep | undefined> {
  return firstRow<WalkStep>(
    db,
    `UPDATE checkout_walk
     SET since = coalesce(since, greatest(counted_from, known_until - make_interval(hours => :overlap))),
         began_at = coalesce(began_at, now()), step = step + 1, taken_until = now() + make_interval(secs => :taken)
     WHERE due_at <= now() AND (taken_until IS NULL OR taken_until <= now())
     RETURNING coalesce(since, counted_from) AS since, after, step, now() AS from`,
    { overlap: OVERLAP_HOURS, taken: TAKEN_SECONDS },
  );
}

/** The page is written. Whoever was overtaken changes nothing. @param next null: it was the last */
export async function saveStep(db: Db, step: number, next: string | null): Promise<void> {
  await rows(
    db,
    `UPDATE checkout_walk
     SET after = :next, taken_until = NULL,
         known_until = CASE WHEN :next::text IS NULL THEN began_at ELSE known_until END,
         due_at = CASE WHEN :next::text IS NULL THEN now() + make_interval(secs => :every) ELSE due_at END,
         since = CASE WHEN :next::text IS NOT NULL THEN since END,
         began_at = CASE WHEN :next::text IS NOT NULL THEN began_at END
     WHERE step = :step`,
    { step, next, every: EVERY_SECONDS },
  );
}

/** The session to go on after is gone at Stripe: the walk begins with its first page again. */
export async function beginAgain(db: Db, step: number): Promise<void> {
  await rows(db, 'UPDATE checkout_walk SET after = NULL, taken_until = NULL WHERE step = ?', [step]);
}

/** @returns for how many seconds nobody has looked at what is opened elsewhere */
export async function walkAge(db: Db): Promise<number> {
  const row = await firstRow<{ seconds: number }>(
    db,
    'SELECT cast(extract(epoch FROM now() - known_until) AS integer) AS seconds FROM checkout_walk',
  );
  return row?.seconds ?? 0;
}
