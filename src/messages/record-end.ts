import type { Knex } from 'knex';
import type { Db } from '../platform/db.ts';
import { bug } from '../platform/errors.ts';
import { disableEndpoint } from './endpoints.ts';
import { type MessageRow, recordDead, recordRetry, recordSent, recordSkipped, type TryRecord } from './messages.ts';
import type { AfterFailure } from './retry-schedule.ts';

/** Writes down how a try ended, and says when a message will not arrive. */
export type TryEnd =
  | ({ readonly end: 'sent' } & TryRecord)
  | { readonly end: 'skipped'; readonly why: string }
  | ({ readonly end: 'failed'; readonly brief: string; readonly after: AfterFailure } & TryRecord);

export type Dead =
  /** Given up; `brief` is safe for people: no address, nothing of what the other side said. */
  | { readonly end: 'undelivered'; readonly message: MessageRow; readonly brief: string }
  /** The endpoint has asked for no more, and is disabled from now on. */
  | { readonly end: 'gone'; readonly message: MessageRow; readonly endpoint: number };

/** Once per message that is given up, in the transaction that records it. */
export type OnDead = (trx: Knex.Transaction, dead: Dead) => Promise<void>;

export async function recordEnd(db: Db, message: MessageRow, tried: TryEnd, onDead: OnDead): Promise<void> {
  await db.transaction(async (trx) => {
    switch (tried.end) {
      case 'sent':
        return recordSent(trx, message, tried);
      case 'skipped':
        return recordSkipped(trx, message, tried.why);
      case 'failed':
        if (tried.after.end === 'retry') return recordRetry(trx, message, tried, tried.after.seconds);
        if (!(await recordDead(trx, message, tried))) return;
        if (tried.after.end === 'gone') return endEndpoint(trx, message, onDead);
        return onDead(trx, { end: 'undelivered', message, brief: tried.brief });
    }
  });
}

/** 410: Standard Webhooks asks to stop. Disabled first, so that nothing that follows is announced to it. */
async function endEndpoint(trx: Knex.Transaction, message: MessageRow, onDead: OnDead): Promise<void> {
  const endpoint = message.endpoint ?? bug(`message ${message.id} has no endpoint`);
  if (await disableEndpoint(trx, endpoint, 'It answered 410 Gone.'))
    await onDead(trx, { end: 'gone', message, endpoint });
}
