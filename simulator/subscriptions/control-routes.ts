import { type ControlRoute, control } from '../core/control.ts';
import { int, required, string } from '../core/params.ts';
import { currency, mergeMetadata, metadata } from '../core/shared-params.ts';
import { createCustomer } from '../customers/customer.ts';
import { paymentsOf } from '../invoicing/invoice-payment.ts';
import { renew } from './renewal.ts';

/** What time does to subscriptions, for those who do not want to wait. */
export const subscriptionControl: readonly ControlRoute[] = [
  control(
    'POST',
    '/_sim/renewals',
    {
      customer: string(),
      amount: required(int({ min: 0 })),
      currency: required(currency()),
      description: string(),
      metadata: metadata(),
      payment_method: string(),
    },
    ({ world, account }, params) => {
      const id = params.customer;
      const [context, customer] =
        id === undefined
          ? [world.context(account), undefined]
          : world.locate('customer', id, ({ store }) => store.customer.get(id));
      const { subscription, invoice } = renew(context, {
        customer: customer ?? createCustomer(context, { email: 'subscriber@example.com', name: 'Test Subscriber' }),
        amount: params.amount,
        currency: params.currency,
        description: params.description ?? 'Simulated plan',
        metadata: mergeMetadata({}, params.metadata),
        paymentMethod: params.payment_method,
      });
      return {
        invoice: invoice.id,
        status: invoice.status,
        customer: invoice.customer,
        subscription: subscription.id,
        payment_intent: paymentsOf(invoice)[0]?.payment.payment_intent ?? null,
      };
    },
  ),
];
