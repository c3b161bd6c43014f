import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { type Bindings, type Db, firstRow, rows } from './db.ts';
import { BusyError } from './errors.ts';
import { within } from './within.ts';

/**
 * The table `leases`: one worker at a time on a payment, a subscription, a case. A lease is a row, not a transaction: network
 * calls are made under it. If its process dies it runs out by itself; if that was only slow and has lost it, the next write is
 * refused (`LEASE_HELD`). Whether it is held is for the clock of Postgres to say.
 */
export interface Lease {
  /** e.g. `payment::pi_…` */
  readonly subject: string;
  readonly owner: string;
  /** What this process knows of it by its own clock, which only ever makes it more careful. */
  readonly known: LeaseKnown;
}

interface LeaseKnown {
  /** Before it was taken. */
  readonly takenAt: number;
  /** Before the last write that Postgres has let through because the lease was held. */
  confirmedAt: number;
  isOver: boolean;
}

/** A killed worker's work waits for the end of its lease, so it is short; renewals may fail or be late four times in a row. */
const LEASE_SECONDS = 15;
const RENEW_EVERY_MS = 3_000;
/** Work that is not done by then never will be: the lease is not renewed any more. */
export const HELD_AT_MOST_SECONDS = 300;
/**
 * So long a write that Postgres has let through speaks for the lease: a step is stored, and the next begins at Stripe. Nobody can
 * have taken it over meanwhile, because no write is let through in the last second of a lease.
 */
const CONFIRMED_MS = 500;
/** How long somebody else steps aside; by chance, so that several don't come back together. */
const BUSY_RETRY_MS = { shortest: 300, longest: 1_500 };

/**
 * The condition that guards every write under a lease: :subject and :owner must be bound. It locks the lease until the write
 * is committed: who is taking it over is waited for and seen, and who comes later waits.
 */
export const LEASE_HELD = `EXISTS (SELECT FROM leases WHERE subject = :subject AND owner = :owner AND until > now() + interval '1 second' FOR SHARE)`;

/**
 * What the release before holds instead, in columns of its own: taken, renewed and given back in the same statements, so that
 * the two releases keep out of each other's way. Each is an INSERT or UPDATE that returns a row when it has worked.
 */
export interface OlderLease {
  /** May read :owner and :leaseSeconds. What it returns is what the work is given. Takes nothing of what is at rest. */
  readonly take: string;
  /** SELECT of the same columns, of a subject of which nothing is left to do: looking for that needs no lease. */
  readonly atRest?: string | undefined;
  /** May read :owner, :leaseSeconds and :mostSeconds. */
  readonly renew: string;
  readonly giveBack: string;
  readonly bindings: Readonly<Record<string, string | boolean>>;
}

/** What is done with the row that `older.take` returns, and with the one that `older.atRest` returns. */
export interface Leased<Row, T> {
  readonly work: (lease: Lease, row: Row) => Promise<T>;
  readonly atRest: (row: Row) => T;
}

/**
 * Runs `work` while no other process works on the subject.
 * @typeParam Row what `older.take` returns
 * @param what the subject in words, for errors
 * @throws BusyError when another process holds the lease
 * @throws TimeIsUp when the work did not end: nobody waits for it, and it can't write any more
 */
export async function withLease<Row extends object, T>(
  db: Db,
  subject: string,
  what: string,
  older: OlderLease,
  { work, atRest }: Leased<Row, T>,
): Promise<T> {
  const takenAt = performance.now();
  const lease = {
    subject,
    owner: randomUUID(),
    known: { takenAt, confirmedAt: Number.NEGATIVE_INFINITY, isOver: false },
  };
  const { row, isAtRest } = await take<Row>(db, lease, what, older);
  if (isAtRest) return atRest(row);
  let renewing = false;
  const renewal = setInterval(async () => {
    // One at a time: renewals that have to wait would take the connections with which the work goes on.
    if (renewing) return;
    renewing = true;
    // A failed renewal needs no handling: the next write asks whether the lease is still held.
    await renew(db, lease, older).catch(() => undefined);
    renewing = false;
  }, RENEW_EVERY_MS);
  let failed = true;
  try {
    const done = await within(HELD_AT_MOST_SECONDS * 1000, `the work on ${what}`, () => work(lease, row));
    failed = false;
    return done;
  } finally {
    clearInterval(renewal);
    // If Postgres is away the lease runs out by itself; the error of the work must not be hidden by this one.
    if (failed || !lease.known.isOver) await giveBack(db, lease, older).catch(() => undefined);
  }
}

interface Taken<Row> {
  readonly row: Row;
  readonly isAtRest: boolean;
}

async function take<Row extends object>(db: Db, lease: Lease, what: string, older: OlderLease): Promise<Taken<Row>> {
  const row = await firstRow<Row & { lease: 'held' | 'half' | 'not_needed' }>(
    db,
    `WITH older AS (${older.take}),
          newer AS (INSERT INTO leases (subject, owner, since, until)
                    SELECT :subject, :owner, now(), now() + make_interval(secs => :leaseSeconds) FROM older
                    ON CONFLICT (subject) DO UPDATE SET owner = excluded.owner, since = excluded.since, until = excluded.until
                      WHERE leases.until < now()
                    RETURNING subject)
     SELECT older.*, CASE WHEN EXISTS (SELECT FROM newer) THEN 'held' ELSE 'half' END AS lease FROM older
     ${older.atRest ? `UNION ALL SELECT at_rest.*, 'not_needed' FROM (${older.atRest}) at_rest` : ''}`,
    bindings(lease, older),
  );
  if (row && row.lease !== 'half') return { row, isAtRest: row.lease === 'not_needed' };
  // Only a release after this one holds the new lease without the older.
  if (row) await giveBack(db, lease, older);
  throw new BusyError(`Another worker is on ${what}`, busyRetryMs());
}

/** Only what has not run out: who may have taken over meanwhile decides by the same clock. */
async function renew(db: Db, lease: Lease, older: OlderLease): Promise<void> {
  await rows(
    db,
    `WITH older AS (${older.renew})
     UPDATE leases SET until = least(now() + make_interval(secs => :leaseSeconds), since + make_interval(secs => :mostSeconds))
     FROM older WHERE subject = :subject AND owner = :owner AND until > now()`,
    bindings(lease, older),
  );
}

/** In the transaction of the last write under it: nothing is written after that. */
export async function endLease(trx: Db | Knex.Transaction, lease: Lease, older: OlderLease): Promise<void> {
  await giveBack(trx, lease, older);
  lease.known.isOver = true;
}

async function giveBack(db: Db | Knex.Transaction, lease: Lease, older: OlderLease): Promise<void> {
  await rows(
    db,
    // Asked for a number of the older, Postgres gives that back first: whoever takes both takes them in this order.
    `WITH older AS (${older.giveBack})
     DELETE FROM leases WHERE subject = :subject AND owner = :owner AND (SELECT count(*) FROM older) >= 0`,
    bindings(lease, older),
  );
}

function bindings({ subject, owner }: Lease, { bindings: own }: OlderLease): Bindings {
  return { ...own, subject, owner, leaseSeconds: LEASE_SECONDS, mostSeconds: HELD_AT_MOST_SECONDS };
}

/** A write that Postgres refuses when the lease is not held. @returns what it returns; undefined: the lease was lost */
export async function confirming<T>({ known }: Lease, write: () => Promise<T | undefined>): Promise<T | undefined> {
  const sent = performance.now();
  const written = await write();
  if (written !== undefined) known.confirmedAt = sent;
  return written;
}

/**
 * Whether something that outlives this statement may still be begun.
 * @param latestSeconds counted from the start of the lease
 * @param older the condition on what the release before holds
 */
export async function mayBegin(
  db: Db,
  { subject, owner, known }: Lease,
  latestSeconds: number,
  older: string,
  olderBindings: Readonly<Record<string, string>>,
): Promise<boolean> {
  const now = performance.now();
  if (now - known.confirmedAt < CONFIRMED_MS && now - known.takenAt < latestSeconds * 1000) return true;
  const held = await firstRow(
    db,
    `SELECT FROM leases WHERE subject = :subject AND owner = :owner AND until > now()
       AND since + make_interval(secs => :latestSeconds) > now() AND ${older}`,
    { ...olderBindings, subject, owner, latestSeconds },
  );
  return held !== undefined;
}

/** What died with its lease and nobody has taken up for so long. @returns how many went */
export async function pruneLeases(db: Db): Promise<number> {
  return (await rows(db, `DELETE FROM leases WHERE until < now() - interval '1 day' RETURNING subject`)).length;
}

export function busyRetryMs(): number {
  const { shortest, longest } = BUSY_RETRY_MS;
  return Math.round(shortest + Math.random() * (longest - shortest));
}
