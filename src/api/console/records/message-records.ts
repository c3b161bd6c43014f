import { type Db, firstRow } from '../../../platform/db.ts';
import { type ListOrder, type Page, type PageAsked, readPage } from '../../../platform/pages.ts';
import type { OutboxRow } from './records.ts';

/** Reads the outbox for the console. The secrets of the endpoints stay where they are. */
export const MESSAGE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ORDER: ListOrder = { table: 'messages', by: 'created_at', newestFirst: true, ids: MESSAGE_ID };

const MESSAGE = `SELECT messages.id, channel, kind, coalesce(recipient, e.url) AS "to", state, attempts, messages.created_at,
  next_attempt_at, sent_at, last_error, data FROM messages LEFT JOIN outgoing_endpoints e ON e.id = endpoint`;

/** Newest first. @param state undefined: all; @returns undefined when the message to begin or end at is not there */
export async function pageOfMessages(
  db: Db,
  state: OutboxRow['state'] | undefined,
  asked: PageAsked,
): Promise<Page<OutboxRow> | undefined> {
  const query = state ? { where: ['state = :state'], bindings: { state } } : { where: [], bindings: {} };
  return readPage<OutboxRow>(db, ORDER, { select: MESSAGE, ...query }, asked);
}

export async function findMessage(db: Db, id: string): Promise<OutboxRow | undefined> {
  return firstRow<OutboxRow>(db, `${MESSAGE} WHERE messages.id = ?`, [id]);
}
