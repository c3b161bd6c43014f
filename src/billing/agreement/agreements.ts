import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';

/**
 * The tables `agreements` and `policies_at_work`. Two changes side by side must not overwrite each other with what they read
 * before, nor two releases or policy files each other's decisions for ever: a derived record is decided by the newest policy
 * that is at work, one change after the other.
 */
export interface Derived {
  /** Which dependent, e.g. `access`. */
  readonly dependent: string;
  /** Of whom or what, e.g. a customer. */
  readonly subject: string;
}

/** A process of a newer policy is at work: its word counts. */
export class LeftToNewerPolicy extends Error {
  override readonly name = 'LeftToNewerPolicy';
}

/** So long after it was at work for the last time a policy does not count any more, e.g. one that was taken back. */
const AT_WORK_SECONDS = 60;

/**
 * Decides a derived record under the lock of its own row, which is taken before anything is read. Who derives several of
 * them takes them in the order of their subjects.
 * @param decide reads and writes in this transaction; @returns the content, as JSON always written in the same way
 * @returns the version, which has grown by one if the content is another than before
 * @throws LeftToNewerPolicy
 */
export async function agreeing<Content>(
  trx: Knex.Transaction,
  derived: Derived,
  policy: string,
  decide: () => Promise<Content>,
): Promise<{ readonly content: Content; readonly version: number; readonly isNew: boolean }> {
  const before = await lockOwnRow(trx, derived);
  if (await isOutdated(trx, policy)) {
    throw new LeftToNewerPolicy(
      `${derived.dependent} of ${derived.subject} is for processes of a newer policy to decide`,
    );
  }
  const content = await decide();
  const after = await firstRow<{ version: number }>(
    trx,
    `UPDATE agreements SET version = version + (content_hash IS DISTINCT FROM :hash)::integer, content_hash = :hash,
            policy = :policy, agreed_at = now()
     WHERE dependent = :dependent AND subject = :subject RETURNING version`,
    { ...derived, policy, hash: createHash('sha256').update(JSON.stringify(content)).digest('hex') },
  );
  const version = after?.version ?? bug(`the row of ${derived.dependent} of ${derived.subject} is gone`);
  return { content, version, isNew: version !== before };
}

/** @returns its version, 0 for a new one */
async function lockOwnRow(trx: Knex.Transaction, derived: Derived): Promise<number> {
  await rows(trx, 'INSERT INTO agreements (dependent, subject) VALUES (:dependent, :subject) ON CONFLICT DO NOTHING', {
    ...derived,
  });
  const row = await firstRow<{ version: number }>(
    trx,
    'SELECT version FROM agreements WHERE dependent = :dependent AND subject = :subject FOR UPDATE',
    { ...derived },
  );
  return row?.version ?? bug(`the row of ${derived.dependent} of ${derived.subject} is gone`);
}

async function isOutdated(trx: Knex.Transaction, policy: string): Promise<boolean> {
  const newer = await firstRow(
    trx,
    `SELECT FROM policies_at_work newer
     WHERE newer.number > (SELECT number FROM policies_at_work WHERE policy = :policy)
       AND newer.seen_at > now() - make_interval(secs => :seconds) LIMIT 1`,
    { policy, seconds: AT_WORK_SECONDS },
  );
  return newer !== undefined;
}

/** Said at the start of a process, and again and again while it is at work. A policy that came up before keeps its place. */
export async function policyIsAtWork(db: Db, policy: string): Promise<void> {
  await rows(
    db,
    `INSERT INTO policies_at_work (policy) VALUES (?) ON CONFLICT (policy) DO UPDATE SET seen_at = now()`,
    [policy],
  );
}
