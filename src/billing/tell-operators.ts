import { OPERATOR, queueLetter } from '../messages/outbox.ts';
import type { Db } from '../platform/db.ts';
import { takeUntold } from './desk/review-notices.ts';
import { reviewDigest } from './letters/review-digest.ts';
import { reviewNotice } from './letters/review-notice.ts';

/** Tells the operators by mail of the questions whose turn it is. @returns of how many questions is told now */
export async function tellOperators(db: Db): Promise<number> {
  return db.transaction(async (trx) => {
    const told = await takeUntold(trx);
    const [first] = told;
    if (!first) return 0;
    // `notice` may be of a question that was answered while this waited for its row: it is not among those told.
    const { id, notice } = first;
    // One alone as it ever was, also for the senders of an older release; several in a mail of their own kind.
    if (told.length === 1) {
      await queueLetter(trx, reviewNotice, { item: id }, { to: OPERATOR, key: `review_notice:${id}` });
    } else {
      await queueLetter(trx, reviewDigest, { notice }, { to: OPERATOR, key: `review_digest:${notice}` });
    }
    return told.length;
  });
}
