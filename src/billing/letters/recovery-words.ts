import { dayIn } from '../../platform/business-day.ts';
import { longDay } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Words } from '../../platform/words.ts';

/**
 * What is said of payments that failed, pure. Why a bank declined is told only as what can be done: whoever holds a card that was
 * stolen reads the mail, too.
 */
export const KINDS = ['failed', 'reminder', 'warning', 'ended'] as const;
export const ASKS = ['new_card', 'other_method', 'confirm', 'check_card', 'balance', 'patience'] as const;

export interface Unpaid {
  readonly letter: (typeof KINDS)[number];
  readonly ask: (typeof ASKS)[number];
  /** Of the invoice, as its customer knows it. */
  readonly number: string;
  /** Open, minor units of currency. */
  readonly amount: number;
  readonly currency: string;
  /** Where it can be paid. */
  readonly url: string | null;
  readonly next_attempt: Date | null;
  /** Whether the subscription goes on. */
  readonly is_canceled: boolean;
}

const WISHES = {
  new_card: 'Please pay with another card.',
  other_method: 'Please pay in another way, for example with another card.',
  confirm: 'Your bank wants you to confirm the payment yourself. You can do that where you pay the invoice.',
  check_card: 'Please check whether your card is still valid, or pay with another one.',
  balance: 'Please see to it that there is enough in the account, or pay with another card.',
  patience: 'You can pay at once, with this card or another.',
} as const satisfies Record<Unpaid['ask'], string>;

/** @param first leads; the others are told below. A day is one of the business. */
export function wordsOfRecovery(first: Unpaid, others: readonly Unpaid[], timeZone: string): Words {
  const { subject, says } = lead(first);
  const link = first.url && isPayable(first) ? { link: { url: first.url, text: 'Pay the invoice' } } : {};
  return {
    subject,
    opening: ['Hello,', [says, ...(isPayable(first) ? whatToDo(first, timeZone) : [])].join(' ')],
    ...link,
    ...(others.length > 0 ? { closing: others.map(besides) } : {}),
  };
}

function lead(unpaid: Unpaid): { readonly subject: string; readonly says: string } {
  const { letter, number, is_canceled: isCanceled } = unpaid;
  const total = totalOf(unpaid);
  switch (letter) {
    case 'failed':
      return {
        subject: `Your payment of ${total} did not go through`,
        says: `the payment of ${total} for your subscription (invoice ${number}) did not go through.`,
      };
    case 'reminder':
      return {
        subject: `Invoice ${number} is still open`,
        says: `invoice ${number} for your subscription, over ${total}, is still open.`,
      };
    case 'warning':
      return {
        subject: 'Your subscription is about to end',
        says: `invoice ${number} over ${total} is still open. Your subscription ends soon if it is not paid.`,
      };
    case 'ended':
      return isCanceled
        ? {
            subject: 'Your subscription has ended',
            says: `your payment of ${total} (invoice ${number}) could not be collected, so your subscription has ended.`,
          }
        : {
            subject: `Invoice ${number} could not be collected`,
            says: `your payment of ${total} (invoice ${number}) could not be collected, and it is not tried again.`,
          };
  }
}

function whatToDo({ letter, ask, next_attempt: next }: Unpaid, timeZone: string): string[] {
  const again = letter !== 'ended' && (ask === 'balance' || ask === 'patience') && next !== null;
  return [...(again ? [`It is tried again on ${longDay(dayIn(timeZone, next))}.`] : []), WISHES[ask]];
}

function besides(unpaid: Unpaid): string {
  const { number, url } = unpaid;
  const what = `Invoice ${number} over ${totalOf(unpaid)}`;
  if (!isPayable(unpaid)) return `${what} could not be collected either, and its subscription has ended.`;
  return `${what} is open as well${url ? `: ${url}` : '.'}`;
}

/** What has ended is not paid for. */
function isPayable({ letter, is_canceled: isCanceled }: Unpaid): boolean {
  return letter !== 'ended' || !isCanceled;
}

function totalOf({ amount, currency }: Unpaid): string {
  return formatMoney({ amount, currency });
}
