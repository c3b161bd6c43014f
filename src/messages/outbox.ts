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
  /** What it tells of; without it, it is queued however long ago that was. */
  readonly happened?: Happened;
}

export interface Happened {
  readonly at: Date;
  /** Seconds after which nobody is told of it any more. */
  readonly within: number;
}

/** @param data as the letter wants it; it reads the rest when it is written. @returns how many were queued: one, or none */
export async function queueLetter<Data extends z.ZodType>(
  trx: Db | Knex.Transaction,
  letter: Letter<Data>,
  data: z.input<Data>,
  { to, key, notBefore, cap, locale, happened }: Envelope,
): Promise<number> {
  const queued = await rows(
    trx,
    `INSERT INTO messages (dedupe_key, channel, kind, recipient, data, next_attempt_at, locale, cap_key, cap_most, cap_seconds)
     SELECT :key, 'mail', :kind, :to, :data, greatest(now(), :notBefore::timestamptz), :locale, :capKey, :most::integer, :seconds::integer
     WHERE ${IN_TIME}
     ON CONFLICT ON CONSTRAINT messages_once DO NOTHING RETURNING id`,
    {
      ...inTime(happened),
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
  return queued.length;
}

const IN_TIME = '(:happened::timestamptz IS NULL OR :happened > now() - make_interval(secs => :within))';

function inTime(happened: Happened | undefined) {
  return { happened: happened?.at ?? null, within: happened?.within ?? 0 };
}

export interface OutgoingEvent {
  readonly type: OutgoingType;
  /** What makes it one and the same event, e.g. the document's id. */
  readonly key: string;
  /** Ids, amounts in minor units, times in ISO 8601. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly happened?: Happened;
}

/** One message per endpoint that wants this type. The body is fixed now: a retry sends the same. @returns how many were queued */
export async function announce(trx: Db | Knex.Transaction, event: OutgoingEvent): Promise<number> {
  const queued = await rows(
    trx,
    `INSERT INTO messages (dedupe_key, channel, kind, endpoint, data)
     SELECT 'webhook:' || id || ':' || :key, 'webhook', :type, id,
            jsonb_build_object('type', :type::text, 'timestamp', to_jsonb(now()), 'data', :data::jsonb)
     FROM outgoing_endpoints WHERE disabled_at IS NULL AND (types = '{}' OR :type = ANY (types)) AND ${IN_TIME}
     ON CONFLICT ON CONSTRAINT messages_once DO NOTHING RETURNING id`,
    {
      ...inTime(event.happened),
      key: `${event.type}:${event.key}`,
      type: event.type,
      data: JSON.stringify(event.data),
    },
  );
  return queued.length;
}
