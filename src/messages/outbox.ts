import type { Knex } from 'knex';
import { type Db, rows } from '../platform/db.ts';
import type { OutgoingType } from './outgoing-types.ts';

/**
 * The outbox: a message is a row in the transaction of its cause, once per dedupe key, and is sent afterwards by the
 * notifications workers. If the transaction rolls back, nothing is sent; if it commits, the message will go out.
 */

/** The mails there are. Their templates are in views/mails/. */
export type MailKind = 'invoice_issued' | 'receipt' | 'payment_failed' | 'review_notice' | 'review_digest';

/** A recipient: whoever OPERATOR_EMAIL names when the mail is sent. */
export const OPERATOR = 'operator';

export interface Mail {
  readonly kind: MailKind;
  /** What makes it one and the same mail, e.g. `receipt:inv_…`. */
  readonly key: string;
  readonly recipient: string;
  /** What the template needs: ids; it reads the rest when it is rendered. */
  readonly data: Readonly<Record<string, string | number | null>>;
}

export async function queueMail(trx: Db | Knex.Transaction, mail: Mail): Promise<void> {
  await rows(
    trx,
    `INSERT INTO messages (dedupe_key, channel, kind, recipient, data) VALUES (:key, 'mail', :kind, :recipient, :data)
     ON CONFLICT ON CONSTRAINT messages_once DO NOTHING`,
    { key: `mail:${mail.key}`, kind: mail.kind, recipient: mail.recipient, data: JSON.stringify(mail.data) },
  );
}

export interface OutgoingEvent {
  readonly type: OutgoingType;
  /** What makes it one and the same event, e.g. the document's id. */
  readonly key: string;
  /** Ids, amounts in minor units, times in ISO 8601. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** One message per endpoint that wants this type. The body is fixed now: a retry sends the same. */
export async function announce(trx: Db | Knex.Transaction, event: OutgoingEvent): Promise<void> {
  await rows(
    trx,
    `INSERT INTO messages (dedupe_key, channel, kind, endpoint, data)
     SELECT 'webhook:' || id || ':' || :key, 'webhook', :type, id,
            jsonb_build_object('type', :type::text, 'timestamp', to_jsonb(now()), 'data', :data::jsonb)
     FROM outgoing_endpoints WHERE disabled_at IS NULL AND (types = '{}' OR :type = ANY (types))
     ON CONFLICT ON CONSTRAINT messages_once DO NOTHING`,
    { key: `${event.type}:${event.key}`, type: event.type, data: JSON.stringify(event.data) },
  );
}
