import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { capVerdict, tooMany, type UnderCap } from './cap.ts';
import type { MessageRow } from './messages.ts';

/** Taking a message that is due, so that nobody else sends it meanwhile. */
export interface Claim {
  readonly message: MessageRow;
  /** Why it is too much for its recipient: it is not to be sent. */
  readonly tooMany?: string;
}

/** Longer than one try may take. After a crash the message is tried again when this has passed. */
export const LEASE_SECONDS = 90;
/** A letter that must wait for the end of another is looked at again after this. */
const WAIT_SECONDS = 5;

const DUE = `state = 'pending' AND next_attempt_at <= now() AND (lease_until IS NULL OR lease_until < now())`;

/** @returns undefined when it is sent already, not due, or another worker is sending it, or one that it must wait for */
export async function claimMessage(db: Db, id: string): Promise<Claim | undefined> {
  const message = await claim(db, id, 'cap_most IS NULL');
  return message ? { message } : db.transaction((trx) => claimUnderCap(trx, id));
}

async function claim(db: Db | Knex.Transaction, id: string, under: string): Promise<MessageRow | undefined> {
  return firstRow<MessageRow>(
    db,
    `UPDATE messages SET lease_until = now() + make_interval(secs => :lease), attempts = attempts + 1
     FROM (SELECT m.id, e.url, e.secret, e.disabled_at, e.removed_at
           FROM messages m LEFT JOIN outgoing_endpoints e ON e.id = m.endpoint WHERE m.id = :id) AS target
     WHERE messages.id = target.id AND ${DUE} AND ${under}
     RETURNING messages.id, channel, kind, recipient, data, locale, attempts, created_at, endpoint,
               target.url, target.secret, target.disabled_at, target.removed_at`,
    { id, lease: LEASE_SECONDS },
  );
}

/** One claim at a time under the same key, so that each sees what those before it have taken. */
async function claimUnderCap(trx: Knex.Transaction, id: string): Promise<Claim | undefined> {
  const cap = await firstRow<{ cap_key: string; cap_most: number; cap_seconds: number }>(
    trx,
    `SELECT cap_key, cap_most, cap_seconds FROM messages WHERE id = :id AND ${DUE} AND cap_most IS NOT NULL`,
    { id },
  );
  if (!cap) return undefined;
  const { cap_key: key, cap_most: most, cap_seconds: seconds } = cap;
  await rows(trx, 'SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))', { key: `messages under cap ${key}` });
  const verdict = capVerdict(await othersUnder(trx, id, key, seconds), most);
  if (verdict === 'waits') {
    await rows(
      trx,
      `UPDATE messages SET next_attempt_at = now() + make_interval(secs => :wait) WHERE id = :id AND ${DUE}`,
      { id, wait: WAIT_SECONDS },
    );
    return undefined;
  }
  const message = await claim(trx, id, 'cap_most IS NOT NULL');
  if (!message) return undefined;
  return verdict === 'goes' ? { message } : { message, tooMany: tooMany(most, seconds) };
}

/** A statement of its own: what was committed while this waited for its turn must be seen. */
async function othersUnder(trx: Knex.Transaction, id: string, key: string, seconds: number): Promise<UnderCap> {
  const others = await firstRow<UnderCap>(
    trx,
    `SELECT count(*) FILTER (WHERE state = 'sent') AS sent,
            count(*) FILTER (WHERE state = 'pending' AND lease_until IS NOT NULL) AS underway
     FROM messages
     WHERE cap_key = :key AND id <> :id AND (sent_at IS NULL OR sent_at > now() - make_interval(secs => :seconds))`,
    { id, key, seconds },
  );
  return others ?? { sent: 0, underway: 0 };
}
