import type { Knex } from 'knex';
import { deadMessages, type SentOnceMore, sendOnceMore } from '../../messages/message-history.ts';
import type { Db } from '../../platform/db.ts';
import { recordAudit } from '../desk/audit-log.ts';
import { withdrawQuestion } from '../desk/review-items.ts';
import { aboutEndpoint } from './questions.ts';

/**
 * A person sends a message once more.
 * @param actor e.g. `cli:root`
 * @throws Refused that says why when it can't be
 */
export async function replayMessage(db: Db, id: string, actor: string, reason: string): Promise<void> {
  await db.transaction(async (trx) => {
    const { was, endpoint } = await sendOnceMore(trx, id);
    await withdrawWhatWasAsked(trx, id, endpoint, `${actor} has sent it again`);
    await recordAudit(trx, { actor, action: 'message.replay', subject: id, reason, details: { was } });
  });
}

/** Of an endpoint it is asked once, about all that it did not take. If it does not arrive this time either, it is asked anew. */
async function withdrawWhatWasAsked(
  trx: Knex.Transaction,
  message: string,
  endpoint: SentOnceMore['endpoint'],
  reason: string,
): Promise<void> {
  const kind = 'message_undelivered';
  if (endpoint === null) return withdrawQuestion(trx, { kind, subject: message }, reason);
  const others = await deadMessages(trx, { endpoint });
  if (others.length === 0) await withdrawQuestion(trx, { kind, subject: aboutEndpoint(endpoint) }, reason);
}
