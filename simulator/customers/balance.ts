import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, required, string, text } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, currency, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import type { Metadata } from '../core/wire.ts';

type Customer = ObjectTypes['customer'];
type BalanceTransaction = ObjectTypes['customer_balance_transaction'];

/** One movement of a customer's balance. Negative amounts are in the customer's favour, as in `customer.balance`. */
export interface BalanceChange {
  amount: number;
  currency: string;
  type: BalanceTransaction['type'];
  invoice?: string | null;
  creditNote?: string | null;
  description?: string | null;
  metadata?: Metadata;
}

/** Books a movement and keeps `customer.balance` in step; emits `customer.updated`. */
export function changeBalance(context: Context, customer: Customer, change: BalanceChange): BalanceTransaction {
  if (customer.currency != null && customer.currency !== change.currency) {
    const message = `The currency of this balance (${change.currency}) does not match the customer's currency (${customer.currency}). You cannot combine currencies on a single customer.`;
    throw refused(message, { param: 'currency' });
  }
  context.change(customer, 'customer.updated', () => {
    customer.balance += change.amount;
    customer.currency = change.currency;
  });
  return context.store.customer_balance_transaction.add({
    id: context.id('cbtxn_'),
    object: 'customer_balance_transaction',
    amount: change.amount,
    checkout_session: null,
    created: context.now(),
    credit_note: change.creditNote ?? null,
    currency: change.currency,
    customer: customer.id,
    customer_account: null,
    description: change.description ?? null,
    ending_balance: customer.balance,
    invoice: change.invoice ?? null,
    livemode: context.livemode,
    metadata: change.metadata ?? {},
    type: change.type,
  });
}

/** Brings the balance to this value in one adjustment, in the customer's currency (the account's, USD, if none yet). */
export function setBalance(context: Context, customer: Customer, balance: number): void {
  const amount = balance - customer.balance;
  changeBalance(context, customer, { amount, currency: customer.currency ?? 'usd', type: 'adjustment' });
}

/** https://docs.stripe.com/api/customer_balance_transactions */
export const customerBalance: Resource = {
  expansions: {
    customer_balance_transaction: { customer: 'id', invoice: 'id', credit_note: 'id', checkout_session: 'id' },
  },
  routes: [
    route(
      'POST',
      '/v1/customers/{id}/balance_transactions',
      {
        amount: required(int()),
        currency: required(currency()),
        description: text({ max: 350 }),
        metadata: metadata(),
      },
      (context, params, { id }) =>
        changeBalance(context, context.store.customer.need(id), {
          amount: params.amount,
          currency: params.currency,
          type: 'adjustment',
          description: params.description ?? null,
          metadata: mergeMetadata({}, params.metadata),
        }),
    ),
    route(
      'GET',
      '/v1/customers/{id}/balance_transactions',
      { ...listParams, ...createdParam, invoice: string() },
      (context, params, { id }) => {
        context.store.customer.need(id);
        const found = context.store.customer_balance_transaction.newestFirst(
          (one) =>
            one.customer === id &&
            (params.invoice === undefined || one.invoice === params.invoice) &&
            (params.created === undefined || inRange(one.created, params.created)),
        );
        return paginate(found, params, `/v1/customers/${id}/balance_transactions`);
      },
    ),
    route('GET', '/v1/customers/{customerId}/balance_transactions/{id}', {}, (context, _params, { id }) =>
      context.store.customer_balance_transaction.need(id),
    ),
    route(
      'POST',
      '/v1/customers/{customerId}/balance_transactions/{id}',
      { description: text({ max: 350 }), metadata: metadata() },
      (context, params, { id }) => {
        const transaction = context.store.customer_balance_transaction.need(id);
        if (params.description !== undefined) transaction.description = params.description;
        transaction.metadata = mergeMetadata(transaction.metadata, params.metadata);
        return transaction;
      },
    ),
  ],
};
