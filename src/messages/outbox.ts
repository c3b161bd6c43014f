import type { Knex } from 'knex';
import type { z } from 'zod';
import { type Db, rows } from '../platform/db.ts';
import type { Cap } from './cap.ts';
import type { Letter } from './letter.ts';
import type { OutgoingType } from './outgoing-types.ts';

/**
 * The outbox: a message is a row in the transaction of its cause, once per dedupe key, and is sent afterwards by the
 * notifications workers. If the transaction rolls back, nothing is sent; if it commits, the message will go out.
 */

/** A recipient: whoever OPERATOR_EMAIL names when the mail is sent. */
export const OPERATOR = 'operator';

export interface Envelope {
  readonly to: string;
  /** What makes it one and the same letter, e.g. `receipt:inv_…`. */
  readonly key: string;
  /** It is not sent before, e.g. because of quiet hours. */
  readonly notBefore?: Date;
  /** Whom it would be too much for: one letter beyond is skipped, which is shown. Decided when it is due. */
  readonly cap?: Cap;
  /** BCP 47, e.g. `de-CH`; without one, or one that we don't speak, the first of ours. */
  readonly locale?: string;
}

/** @param data as the letter wants it; it reads the rest when it is written */
export async function queueLetter<Data extends z.ZodType>(
  trx: Db | Knex.Transaction,
  letter: Letter<Data>,
  data: z.input<Data>,
  { to, key, notBefore, cap, locale }: Envelope,
): Promise<void> {
  await rows(
    trx,
    `INSERT INTO messages (dedupe_key, channel, kind, recipient, data, next_attempt_at, locale, cap_key, cap_most, cap_seconds)
     VALUES (:key, 'mail', :kind, :to, :data, greatest(now(), :notBefore::timestamptz), :locale, :capKey, :most, :seconds)
     ON CONFLICT ON CONSTRAINT messages_once DO NOTHING`,
    {
      key: `mail:${key}`,
      kind: letter.kind,
      to,
      data: JSON.stringify(data),
      notBefore: notBefore ?? null,
      locale: locale ?? null,
      capKey: cap?.key ?? null,
      most: cap?.most ?? null,
      seconds: cap?.seconds ?? null,
    },
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
