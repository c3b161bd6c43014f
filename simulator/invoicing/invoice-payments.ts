import type { Context } from '../core/context.ts';
import { paginate } from '../core/lists.ts';
import { object, oneOf, type Params, required, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams } from '../core/shared-params.ts';
import { type InvoicePayment, paymentsBy } from './invoice-payment.ts';

const filters = {
  ...listParams,
  ...createdParam,
  invoice: string(),
  payment: object({
    payment_intent: string(),
    payment_record: unsimulated(),
    type: required(oneOf('payment_intent', 'payment_record')),
  }),
  status: oneOf('canceled', 'open', 'paid'),
} as const;

/** Newest first, by way of the intent's own payments where one is named: the question before every new invoice. */
function candidates(context: Context, { payment }: Params<typeof filters>): Iterable<InvoicePayment> {
  const id = payment?.payment_intent;
  if (payment?.type === 'payment_record') return [];
  if (id === undefined) return context.store.invoice_payment.newestFirst();
  return paymentsBy(context.store.payment_intent.need(id, 'payment[payment_intent]')).toReversed();
}

/** https://docs.stripe.com/api/invoice-payment */
export const invoicePayments: Resource = {
  expansions: { invoice_payment: { invoice: 'id', 'payment.charge': 'id', 'payment.payment_intent': 'id' } },
  routes: [
    route('GET', '/v1/invoice_payments', filters, (context, params) => {
      const { created, invoice, status } = params;
      const found = [...candidates(context, params)].filter(
        (payment) =>
          (created === undefined || inRange(payment.created, created)) &&
          (invoice === undefined || payment.invoice === invoice) &&
          (status === undefined || payment.status === status),
      );
      return paginate(found, params, '/v1/invoice_payments');
    }),
    route('GET', '/v1/invoice_payments/{id}', {}, (context, _params, { id }) => context.store.invoice_payment.need(id)),
  ],
};
