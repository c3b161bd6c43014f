import type { Knex } from 'knex';
import type { Changed } from '../agreement/records.ts';
import { subscriptionsOnClock } from '../subscriptions/subscriptions.ts';
import { agreeRecovery } from './agree-recovery.ts';
import { lookAtOnce } from './recovery-cases.ts';

/** A test clock has moved: its cases may have ended, or a letter may be due. */
export async function agreeRecoveryOnClock(trx: Knex.Transaction, { id: clock }: Changed<'test_clock'>): Promise<void> {
  const touched = await subscriptionsOnClock(trx, clock);
  for (const id of touched) await agreeRecovery(trx, { record: 'subscription', id });
  await lookAtOnce(trx, touched);
}
