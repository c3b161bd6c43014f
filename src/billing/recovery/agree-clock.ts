import type { Knex } from 'knex';
import type { Circumstances } from '../agreement/dependent.ts';
import type { Changed } from '../agreement/records.ts';
import { subscriptionsOnClock } from '../subscriptions/subscriptions.ts';
import { agreeRecovery } from './agree-recovery.ts';
import { lookAtOnce } from './recovery-cases.ts';
import { lookAtOnClock } from './retry-looks.ts';

/** A test clock has moved: its cases may have ended, or a letter or a try may be due. */
export async function agreeRecoveryOnClock(
  trx: Knex.Transaction,
  { id: clock }: Changed<'test_clock'>,
  circumstances: Circumstances,
): Promise<void> {
  const touched = await subscriptionsOnClock(trx, clock);
  for (const id of touched) await agreeRecovery(trx, { record: 'subscription', id }, circumstances);
  await lookAtOnce(trx, touched);
  await lookAtOnClock(trx, touched);
}
