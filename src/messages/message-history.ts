import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../platform/db.ts';
import { Refused } from '../platform/errors.ts';
import type { MessageState } from './messages.ts';

/** What was sent, what was not and why, and sending it once more: for people. */
export interface MessageSummary {
  readonly id: string;
  readonly channel: 'mail' | 'webhook';
  readonly kind: string;
  readonly recipient: string | null;
  readonly url: string | null;
  readonly state: MessageState;
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly last_error: string | null;
  readonly created_at: Date;
  readonly sent_at: Date | null;
}

const SUMMARY = `SELECT m.id, m.channel, m.kind, m.recipient, e.url, m.state, m.attempts, m.next_attempt_at, m.last_error,
  m.created_at, m.sent_at FROM messages m LEFT JOIN outgoing_endpoints e ON e.id = m.endpoint`;

/** Newest first. */
export async function listMessages(
  db: Db,
  { state, limit = 50 }: { readonly state?: MessageState; readonly limit?: number } = {},
): Promise<MessageSummary[]> {
  return rows<MessageSummary>(
    db,
    `${SUMMARY} WHERE (:state::text IS NULL OR m.state = :state) ORDER BY m.created_at DESC, m.id DESC LIMIT :limit`,
    { state: state ?? null, limit },
  );
}

export interface MessageTry {
  readonly at: Date;
  readonly ok: boolean;
  readonly answer: string;
  readonly duration_ms: number | null;
}

/** Oldest first. A try whose worker was killed is not among them. */
export async function triesOf(db: Db, message: string): Promise<MessageTry[]> {
  return rows<MessageTry>(
    db,
    'SELECT at, ok, answer, duration_ms FROM message_attempts WHERE message = ? ORDER BY id',
    [message],
  );
}

/**
 * The message goes out once more, with the same id and body, and with all its tries ahead of it; no cap holds it back.
 * @throws Refused that says why when it can't
 */
export async function sendOnceMore(trx: Knex.Transaction, id: string): Promise<SentOnceMore> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new Refused(`ID must be the id of a message (messages list shows it), not ${id}.`);
  const found = await lockedMessage(trx, id);
  if (!found) throw new Refused(`There is no message ${id}.`);
  if (found.state === 'pending') throw new Refused(`Message ${id} is on its way already.`);
  if (!mayGoAgain(found)) throw new Refused(`Mail ${id} was sent: it does not go out twice.`);
  if (found.disabled_at) throw new Refused(`The endpoint of message ${id} is disabled or removed: enable it first.`);
  await rows(
    trx,
    `UPDATE messages SET state = 'pending', attempts = 0, sent_at = NULL, next_attempt_at = now(), signalled_at = NULL,
            cap_most = NULL
     WHERE id = ?`,
    [id],
  );
  return { was: found.state, endpoint: found.endpoint };
}

export interface SentOnceMore {
  /** The state in which it was. */
  readonly was: MessageState;
  /** Null: a mail. */
  readonly endpoint: number | null;
}

/** A mail that was sent does not go out twice; a program that missed a webhook may need it again. */
export function mayGoAgain({ channel, state }: Pick<MessageSummary, 'channel' | 'state'>): boolean {
  return state === 'dead' || state === 'skipped' || (state === 'sent' && channel === 'webhook');
}

async function lockedMessage(trx: Knex.Transaction, id: string) {
  return firstRow<Pick<MessageSummary, 'channel' | 'state'> & { endpoint: number | null; disabled_at: Date | null }>(
    trx,
    `SELECT m.channel, m.state, m.endpoint, e.disabled_at FROM messages m LEFT JOIN outgoing_endpoints e ON e.id = m.endpoint
     WHERE m.id = ? FOR UPDATE OF m`,
    [id],
  );
}

/** What was given up of one message, or of all for an endpoint: oldest first. */
export async function deadMessages(
  db: Db | Knex.Transaction,
  of: { readonly message: string } | { readonly endpoint: number },
): Promise<string[]> {
  const dead = await rows<{ id: string }>(
    db,
    `SELECT id FROM messages WHERE state = 'dead' AND (id::text = :message OR endpoint = :endpoint) ORDER BY id`,
    { message: 'message' in of ? of.message : null, endpoint: 'endpoint' in of ? of.endpoint : null },
  );
  return dead.map(({ id }) => id);
}
