import { letter } from '../../messages/letter.ts';
import { recoveryData, type UnpaidAtHand, unpaidAtHand } from './recovery-at-hand.ts';
import { wordsOfRecovery } from './recovery-words.ts';

/** To the customer: it is still open. Other invoices that are open go along. */
export const recoveryReminder = letter({
  kind: 'recovery_reminder',
  data: recoveryData,
  load: unpaidAtHand,
  render: ({ first, others }: UnpaidAtHand, { business }) => wordsOfRecovery(first, others, business.timeZone),
});
