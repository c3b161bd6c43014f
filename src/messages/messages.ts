import { type Db, firstRow, rows } from '../platform/db.ts';

/** The tables `messages` and `message_attempts`, from the sender's side. */
export interface MessageRow {
  readonly id: string;
  readonly channel: 'mail' | 'webhook';
  readonly kind: string;
  readonly recipient: string | null;
  readonly data: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly created_at: Date;
  /** Of a webhook. */
  readonly url: string | null;
  readonly secret: string | null;
}

/** Longer than one try may take. */
const LEASE_SECONDS = 90;
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

/** @returns undefined when it is sent already, not due, or another worker is sending it */
export async function claimMessage(db: Db, id: string): Promise<MessageRow | undefined> {
  return firstRow<MessageRow>(
    db,
    `UPDATE messages SET lease_until = now() + make_interval(secs => :lease), attempts = attempts + 1
     FROM (SELECT m.id, e.url, e.secret FROM messages m LEFT JOIN outgoing_endpoints e ON e.id = m.endpoint WHERE m.id = :id) AS target
     WHERE messages.id = target.id AND state = 'pending' AND next_attempt_at <= now()
       AND (lease_until IS NULL OR lease_until < now())
     RETURNING messages.id, channel, kind, recipient, data, attempts, created_at, target.url, target.secret`,
    { id, lease: LEASE_SECONDS },
  );
}

export interface AttemptEnd {
  readonly ok: boolean;
  /** What the other side said, in a line. */
  readonly answer: string;
  readonly durationMs: number;
}

export async function recordSent(db: Db, message: MessageRow, end: AttemptEnd): Promise<void> {
  await record(db, message, end, `state = 'sent', sent_at = now(), last_error = NULL`, {});
}

/** @param retryAfterSeconds undefined: it was the last try */
export async function recordFailed(
  db: Db,
  message: MessageRow,
  end: AttemptEnd,
  retryAfterSeconds: number | undefined,
): Promise<void> {
  const next =
    retryAfterSeconds === undefined
      ? `state = 'dead', last_error = :answer`
      : `next_attempt_at = now() + make_interval(secs => :retry), last_error = :answer`;
  await record(db, message, end, next, { retry: retryAfterSeconds ?? 0 });
}

/** Nothing to send it with: no SMTP_URL, or no address. It is shown, and not sent later by surprise. */
export async function recordSkipped(db: Db, message: MessageRow, why: string): Promise<void> {
  await record(db, message, { ok: false, answer: why, durationMs: 0 }, `state = 'skipped', last_error = :answer`, {});
}

async function record(
  db: Db,
  { id }: MessageRow,
  { ok, answer, durationMs }: AttemptEnd,
  assignments: string,
  values: { readonly retry?: number },
): Promise<void> {
  await rows(
    db,
    `WITH attempt AS (
       INSERT INTO message_attempts (message, duration_ms, ok, answer) VALUES (:id, :duration, :ok, :answer))
     UPDATE messages SET lease_until = NULL, ${assignments} WHERE id = :id AND state = 'pending'`,
    { id, ok, answer: answer.slice(0, 500), duration: Math.round(durationMs), ...values },
  );
}

/** A dead or sent message goes out once more, with the same id and body. @returns whether there was such a message */
export async function replayMessage(db: Db, id: string): Promise<boolean> {
  const row = await firstRow(
    db,
    `UPDATE messages SET state = 'pending', sent_at = NULL, next_attempt_at = now(), signalled_at = NULL
     WHERE id = ? AND state <> 'pending' RETURNING id`,
    [id],
  );
  return row !== undefined;
}
