import { letter } from '../../messages/letter.ts';
import { recoveryData, type UnpaidAtHand, unpaidAtHand } from './recovery-at-hand.ts';
import { wordsOfRecovery } from './recovery-words.ts';

/** To the customer: it could not be collected, and what has become of the subscription. Other invoices that are open go along. */
export const recoveryEnded = letter({
  kind: 'recovery_ended',
  data: recoveryData,
  load: unpaidAtHand,
  render: ({ first, others }: UnpaidAtHand, { business }) => wordsOfRecovery(first, others, business.timeZone),
});
