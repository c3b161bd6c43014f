import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';

type BalanceTransaction = ObjectTypes['balance_transaction'];

/** A movement of the account's balance that is not a charge. Amounts in minor units, negative when money leaves. */
export interface Booking {
  amount: number;
  /** What Stripe keeps for it, always positive. */
  fee?: { amount: number; description: string };
  currency: string;
  source: string;
  type: BalanceTransaction['type'];
  reportingCategory: string;
  description: string;
}

/** Books it at once, available at once: `net` is the amount without the fee. */
export function book(context: Context, booking: Booking): BalanceTransaction {
  const { amount, currency, description, reportingCategory, source, type } = booking;
  const fee = booking.fee?.amount ?? 0;
  return context.store.balance_transaction.add({
    id: context.id('txn_'),
    object: 'balance_transaction',
    amount,
    available_on: context.now(),
    balance_type: 'payments',
    created: context.now(),
    currency,
    description,
    exchange_rate: null,
    fee,
    fee_details:
      booking.fee === undefined
        ? []
        : [{ amount: fee, application: null, currency, description: booking.fee.description, type: 'stripe_fee' }],
    net: amount - fee,
    reporting_category: reportingCategory,
    source,
    status: 'available',
    type,
  });
}
