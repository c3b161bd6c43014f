import type { Context } from '../core/context.ts';
import { decimalsOf } from '../core/currencies.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, currency, inRange, listParams } from '../core/shared-params.ts';

type BalanceTransaction = ObjectTypes['balance_transaction'];

/** Fee in per mille of the amount plus a fixed part in minor units. The simulated account settles in every currency. */
const FEES: Readonly<Record<string, { perMille: number; fixed: number }>> = {
  usd: { perMille: 29, fixed: 30 },
  eur: { perMille: 15, fixed: 25 },
  gbp: { perMille: 15, fixed: 20 },
  jpy: { perMille: 36, fixed: 0 },
};

function feeOf(amount: number, code: string): number {
  const { perMille, fixed } = FEES[code] ?? { perMille: 29, fixed: 3 * 10 ** decimalsOf(code) * 0.1 };
  return Math.min(amount, Math.round((amount * perMille) / 1000) + Math.round(fixed));
}

const AVAILABLE_AFTER_SECONDS = 2 * 86_400;

/** Books a charge on the account's balance: gross, fee and net in minor units. */
export function bookCharge(context: Context, charge: ObjectTypes['charge']): BalanceTransaction {
  const fee = feeOf(charge.amount_captured, charge.currency);
  const transaction: BalanceTransaction = {
    id: context.id('txn_'),
    object: 'balance_transaction',
    amount: charge.amount_captured,
    available_on: context.now() + AVAILABLE_AFTER_SECONDS,
    balance_type: 'payments',
    created: context.now(),
    currency: charge.currency,
    description: charge.description,
    exchange_rate: null,
    fee,
    fee_details: [
      {
        amount: fee,
        application: null,
        currency: charge.currency,
        description: 'Stripe processing fees',
        type: 'stripe_fee',
      },
    ],
    net: charge.amount_captured - fee,
    reporting_category: 'charge',
    source: charge.id,
    status: 'pending',
    type: charge.id.startsWith('py_') ? 'payment' : 'charge',
  };
  context.later(AVAILABLE_AFTER_SECONDS * 1000, () => {
    transaction.status = 'available';
  });
  return context.store.balance_transaction.add(transaction);
}

/** https://docs.stripe.com/api/balance_transactions */
export const balanceTransactions: Resource = {
  expansions: { balance_transaction: { source: 'id' } },
  routes: [
    route('GET', '/v1/balance_transactions/{id}', {}, (context, _params, { id }) =>
      context.store.balance_transaction.need(id),
    ),
    route(
      'GET',
      '/v1/balance_transactions',
      { ...listParams, ...createdParam, currency: currency(), payout: unsimulated(), source: string(), type: string() },
      (context, params) => {
        const { source, type, created, currency: code } = params;
        const found = context.store.balance_transaction.newestFirst(
          (one) =>
            (source === undefined || one.source === source) &&
            (type === undefined || one.type === type) &&
            (code === undefined || one.currency === code) &&
            (created === undefined || inRange(one.created, created)),
        );
        return paginate(found, params, '/v1/balance_transactions');
      },
    ),
  ],
};
