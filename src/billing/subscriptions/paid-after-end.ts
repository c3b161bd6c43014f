import type { Subscription, SubscriptionInvoice } from './subscription.ts';

/**
 * Whether an invoice was paid after its subscription had ended, for a time in which there was none, pure. What was used before
 * the end is owed after it: a last invoice over it is no surprise.
 */
export function isPaidAfterEnd(
  { status, endedAt, canceledAt }: Pick<Subscription, 'status' | 'endedAt' | 'canceledAt'>,
  { status: paid, paidAt, amountPaid, lines }: SubscriptionInvoice,
): boolean {
  if (status !== 'canceled' && status !== 'incomplete_expired') return false;
  if (paid !== 'paid' || amountPaid <= 0) return false;
  // One that never began has served nobody.
  if (status === 'incomplete_expired') return true;
  const end = endedAt ?? canceledAt;
  if (end === null || paidAt === null || paidAt <= end) return false;
  return lines.some(({ amount, periodEnd }) => amount > 0 && periodEnd > end);
}
