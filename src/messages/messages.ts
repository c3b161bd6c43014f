import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../platform/db.ts';

/** The tables `messages` and `message_attempts`, from the sender's side. */
export type MessageState = 'pending' | 'sent' | 'dead' | 'skipped';

export interface MessageRow {
  readonly id: string;
  readonly channel: 'mail' | 'webhook';
  readonly kind: string;
  readonly recipient: string | null;
  readonly data: unknown;
  /** Of a mail: the language that its recipient has asked for (BCP 47). */
  readonly locale: string | null;
  /** Tries begun, this one included. */
  readonly attempts: number;
  readonly created_at: Date;
  /** Of a webhook: its endpoint as it is now. */
  readonly endpoint: number | null;
  readonly url: string | null;
  readonly secret: string | null;
  readonly disabled_at: Date | null;
  readonly removed_at: Date | null;
}

/** A signal that was lost (Redis emptied) is given again after this. */
const SIGNAL_AGAIN_SECONDS = 60;

export interface DueMessage {
  readonly id: string;
  readonly attempts: number;
}

/** Due messages that nobody was told of lately, oldest first; telling is noted, so that several relays share the work. */
export async function takeDue(db: Db, limit: number): Promise<DueMessage[]> {
  return rows<DueMessage>(
    db,
    `UPDATE messages SET signalled_at = now() WHERE id IN (
       SELECT id FROM messages
       WHERE state = 'pending' AND next_attempt_at <= now()
         AND (signalled_at IS NULL OR signalled_at < next_attempt_at OR signalled_at < now() - make_interval(secs => :again))
         AND (lease_until IS NULL OR lease_until < now())
       ORDER BY next_attempt_at LIMIT :limit FOR UPDATE SKIP LOCKED)
     RETURNING id, attempts`,
    { again: SIGNAL_AGAIN_SECONDS, limit },
  );
}

/** Nobody was told of these after all: the next round tells. */
export async function giveBack(db: Db, messages: readonly DueMessage[]): Promise<void> {
  await rows(db, 'UPDATE messages SET signalled_at = NULL WHERE id = ANY (?)', [messages.map(({ id }) => id)]);
}

export interface TryRecord {
  /** What the other side said, or what was wrong. */
  readonly answer: string;
  readonly durationMs: number;
}

/** True whoever says it: also a worker that lost its lease has sent it. */
export async function recordSent(trx: Knex.Transaction, message: MessageRow, tried: TryRecord): Promise<void> {
  await insertAttempt(trx, message, { ...tried, ok: true });
  await rows(
    trx,
    `UPDATE messages SET state = 'sent', sent_at = now(), last_error = NULL, lease_until = NULL
     WHERE id = ? AND state = 'pending'`,
    [message.id],
  );
}

/** Nothing to send it with, or nothing to tell any more. It is shown, and not sent later by surprise. */
export async function recordSkipped(trx: Knex.Transaction, message: MessageRow, why: string): Promise<void> {
  await insertAttempt(trx, message, { answer: why, durationMs: 0, ok: false });
  await leavePending(trx, message, why, { state: 'skipped', seconds: 0 });
}

export async function recordRetry(
  trx: Knex.Transaction,
  message: MessageRow,
  tried: TryRecord,
  seconds: number,
): Promise<void> {
  await insertAttempt(trx, message, { ...tried, ok: false });
  await leavePending(trx, message, tried.answer, { state: 'pending', seconds });
}

/** @returns false when another worker has taken it over meanwhile: then nothing was decided */
export async function recordDead(trx: Knex.Transaction, message: MessageRow, tried: TryRecord): Promise<boolean> {
  await insertAttempt(trx, message, { ...tried, ok: false });
  return leavePending(trx, message, tried.answer, { state: 'dead', seconds: 0 });
}

/** Only the worker whose try is the latest may say how it failed. */
async function leavePending(
  trx: Knex.Transaction,
  { id, attempts }: MessageRow,
  error: string,
  next: { readonly state: 'pending' | 'dead' | 'skipped'; readonly seconds: number },
): Promise<boolean> {
  const row = await firstRow(
    trx,
    `UPDATE messages SET state = :state, next_attempt_at = now() + make_interval(secs => :seconds), last_error = :error,
            lease_until = NULL
     WHERE id = :id AND state = 'pending' AND attempts = :attempts RETURNING id`,
    { id, attempts, error: inOneLine(error), ...next },
  );
  return row !== undefined;
}

async function insertAttempt(
  trx: Knex.Transaction,
  { id }: MessageRow,
  { answer, durationMs, ok }: TryRecord & { readonly ok: boolean },
): Promise<void> {
  await rows(
    trx,
    'INSERT INTO message_attempts (message, duration_ms, ok, answer) VALUES (:id, :duration, :ok, :answer)',
    { id, ok, answer: inOneLine(answer), duration: Math.round(durationMs) },
  );
}

/** An answer is somebody else's text: without control characters, of which Postgres refuses one, and not too long. */
function inOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 500);
}
