import { letter } from '../../messages/letter.ts';
import { recoveryData, type UnpaidAtHand, unpaidAtHand } from './recovery-at-hand.ts';
import { wordsOfRecovery } from './recovery-words.ts';

/** To the customer: a payment for a subscription did not go through, and what can be done. Other invoices that are open go along. */
export const recoveryFailed = letter({
  kind: 'recovery_failed',
  data: recoveryData,
  load: unpaidAtHand,
  render: ({ first, others }: UnpaidAtHand, { business }) => wordsOfRecovery(first, others, business.timeZone),
});
