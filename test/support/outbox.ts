import { randomUUID } from 'node:crypto';
import { addEndpoint } from '../../src/messages/endpoints.ts';
import { type MailTransport, mailTransport } from '../../src/messages/mail-transport.ts';
import { triesOf } from '../../src/messages/message-history.ts';
import { announce, queueMail } from '../../src/messages/outbox.ts';
import type { OutgoingType } from '../../src/messages/outgoing-types.ts';
import { type SenderDeps, sendMessage } from '../../src/messages/send-message.ts';
import { connect, type Db, firstRow, rows } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { releaseAfterFile } from './clean-up.ts';
import { freshDatabase } from './database.ts';

/** The outbox on a database of its own, and one try at a time, without queues. */
export type Outbox = {
  db: Db;
  databaseUrl: string;
  /** @returns the message's id */
  event(type?: OutgoingType, data?: object): Promise<string>;
  mail(mail: { kind?: 'receipt' | 'review_notice'; recipient?: string; data?: object }): Promise<string>;
  /** One try, whenever it is due. */
  send(id: string, more?: Partial<SenderDeps>): Promise<MessageState>;
  state(id: string): Promise<MessageState>;
  tries(id: string): Promise<{ ok: boolean; answer: string }[]>;
  /** As if the pause before the next try were over. */
  makeDue(id?: string): Promise<void>;
};

export type MessageState = {
  state: string;
  attempts: number;
  last_error: string | null;
  /** Seconds until the next try. */
  next_in: number;
};

export async function outboxUnderTest(): Promise<Outbox> {
  const { url: databaseUrl } = await freshDatabase();
  const db = connect(databaseUrl, { name: 'test', connections: 6 });
  releaseAfterFile(() => db.destroy());
  const deps: SenderDeps = {
    db,
    log: createLog('error'),
    mail: undefined,
    operatorEmail: 'operator@example.com',
    allowPrivateWebhooks: true,
    business: { name: 'Atelier', details: '', timeZone: 'UTC' },
    publicUrl: 'https://billing.example',
  };

  const newest = async () => {
    const row = await firstRow<{ id: string }>(db, 'SELECT id FROM messages ORDER BY created_at DESC, id LIMIT 1');
    return row?.id ?? '';
  };
  const state: Outbox['state'] = async (id) => {
    const row = await firstRow<MessageState>(
      db,
      `SELECT state, attempts, last_error, extract(epoch FROM next_attempt_at - now())::float AS next_in
       FROM messages WHERE id = ?`,
      [id],
    );
    if (!row) throw new Error(`there is no message ${id}`);
    return row;
  };
  const makeDue: Outbox['makeDue'] = async (id) => {
    await rows(
      db,
      `UPDATE messages SET next_attempt_at = now(), signalled_at = NULL, lease_until = NULL
       WHERE state = 'pending' AND (:id::uuid IS NULL OR id = :id)`,
      { id: id ?? null },
    );
  };
  return {
    db,
    databaseUrl,
    async event(type = 'invoice.paid', data = {}) {
      await announce(db, { type, key: randomUUID(), data: { invoice: 'inv_1', ...data } });
      return newest();
    },
    async mail({ kind = 'receipt', recipient = 'customer@example.com', data = {} }) {
      await queueMail(db, { kind, key: randomUUID(), recipient, data: { ...data } });
      return newest();
    },
    async send(id, more = {}) {
      await makeDue(id);
      await sendMessage(id, { ...deps, ...more });
      return state(id);
    },
    state,
    tries: (id) => triesOf(db, id),
    makeDue,
  };
}

export async function tellSystem(db: Db, url: string, types: string[] = []): Promise<string> {
  return addEndpoint(db, { url, types, allowPrivate: true }, 'test');
}

/** As a worker opens it from SMTP_URL. */
export function transportTo(
  smtp: string,
  tls: 'required' | 'optional' = 'required',
  from = 'Atelier <billing@atelier.example>',
): MailTransport {
  const transport = mailTransport(smtp, from, tls);
  releaseAfterFile(async () => transport.close());
  return transport;
}
