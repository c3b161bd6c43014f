import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { askAboutDead } from '../../src/billing/outgoing/ask-about-dead.ts';
import { addEndpoint } from '../../src/billing/outgoing/manage-endpoints.ts';
import type { Letter } from '../../src/messages/letter.ts';
import { type MailTransport, mailTransport } from '../../src/messages/mail-transport.ts';
import { triesOf } from '../../src/messages/message-history.ts';
import { announce, type Envelope, queueLetter } from '../../src/messages/outbox.ts';
import type { OutgoingType } from '../../src/messages/outgoing-types.ts';
import { type SenderDeps, sendMessage } from '../../src/messages/send-message.ts';
import { connect, type Db, firstRow, rows } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { mailWriter } from '../../src/workers/write-mail.ts';
import { releaseAfterFile } from './clean-up.ts';
import { freshDatabase } from './database.ts';

/** The outbox on a database of its own, and one try at a time, without queues. */
export type Outbox = {
  db: Db;
  databaseUrl: string;
  /** @returns the message's id */
  event(type?: OutgoingType, data?: object): Promise<string>;
  mail<Data extends z.ZodType>(
    letter: Letter<Data>,
    data: z.input<Data>,
    envelope?: Partial<Envelope>,
  ): Promise<string>;
  /** One try, whenever it is due. */
  send(id: string, more?: Partial<SenderDeps>): Promise<MessageState>;
  /** One try, if it is due. */
  sendIfDue(id: string, more?: Partial<SenderDeps>): Promise<MessageState>;
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
    render: mailWriter({ name: 'Atelier', details: '', timeZone: 'UTC' }, { db, publicUrl: 'https://billing.example' }),
    onDead: askAboutDead,
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
  const sendIfDue: Outbox['sendIfDue'] = async (id, more = {}) => {
    await sendMessage(id, { ...deps, ...more });
    return state(id);
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
    async mail(letter, data, envelope = {}) {
      await queueLetter(db, letter, data, { to: 'customer@example.com', key: randomUUID(), ...envelope });
      return newest();
    },
    async send(id, more) {
      await makeDue(id);
      return sendIfDue(id, more);
    },
    sendIfDue,
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
