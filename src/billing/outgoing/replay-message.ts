import { sendOnceMore } from '../../messages/message-history.ts';
import type { Db } from '../../platform/db.ts';
import { recordAudit } from '../desk/audit-log.ts';

/**
 * A person sends a message once more.
 * @param actor e.g. `cli:root`
 * @throws Error that says why when it can't be
 */
export async function replayMessage(db: Db, id: string, actor: string, reason: string): Promise<void> {
  await db.transaction(async (trx) => {
    const was = await sendOnceMore(trx, id);
    await recordAudit(trx, { actor, action: 'message.replay', subject: id, reason, details: { was } });
  });
}
