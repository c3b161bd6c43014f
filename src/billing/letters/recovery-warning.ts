import { letter } from '../../messages/letter.ts';
import { recoveryData, type UnpaidAtHand, unpaidAtHand } from './recovery-at-hand.ts';
import { wordsOfRecovery } from './recovery-words.ts';

/** To the customer: the subscription ends soon. Only where the end is known before it comes. Other invoices that are open go along. */
export const recoveryWarning = letter({
  kind: 'recovery_warning',
  data: recoveryData,
  load: unpaidAtHand,
  render: ({ first, others }: UnpaidAtHand, { business }) => wordsOfRecovery(first, others, business.timeZone),
});
