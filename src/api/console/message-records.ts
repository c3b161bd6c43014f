import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { OutboxRow } from '../../views/console/records.ts';

/** Reads the outbox for the console. The secrets of the endpoints stay where they are. */

const MESSAGE = `m.id, m.channel, m.kind, coalesce(m.recipient, e.url) AS "to", m.state, m.attempts, m.created_at,
  m.next_attempt_at, m.sent_at, m.last_error, m.data`;

export interface MessageFilter {
  /** Undefined: all. */
  readonly state: OutboxRow['state'] | undefined;
  readonly limit: number;
  readonly offset: number;
}

/** Newest first. */
export async function listMessages(db: Db, { state, limit, offset }: MessageFilter): Promise<OutboxRow[]> {
  return rows<OutboxRow>(
    db,
    `SELECT ${MESSAGE} FROM messages m LEFT JOIN outgoing_endpoints e ON e.id = m.endpoint
     WHERE :state::text IS NULL OR m.state = :state ORDER BY m.created_at DESC, m.id LIMIT :limit OFFSET :offset`,
    { state: state ?? null, limit, offset },
  );
}

export async function findMessage(db: Db, id: string): Promise<OutboxRow | undefined> {
  return firstRow<OutboxRow>(
    db,
    `SELECT ${MESSAGE} FROM messages m LEFT JOIN outgoing_endpoints e ON e.id = m.endpoint WHERE m.id = ?`,
    [id],
  );
}
