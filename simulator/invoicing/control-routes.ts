import { type ControlRoute, control } from '../core/control.ts';
import { int, required, string } from '../core/params.ts';
import { currency, mergeMetadata, metadata } from '../core/shared-params.ts';
import { createCustomer } from '../customers/customer.ts';
import { redeem } from './discounts.ts';
import { paymentsOf } from './invoice-payment.ts';
import { renew } from './renewal.ts';

/** What Stripe does to invoices by itself, or only in its Dashboard. */
export const invoicingControl: readonly ControlRoute[] = [
  control(
    'POST',
    '/_sim/renewals',
    {
      customer: string(),
      amount: required(int({ min: 0 })),
      currency: required(currency()),
      subscription: string(),
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
      const subscription = params.subscription ?? context.id('sub_');
      const invoice = renew(context, {
        customer: customer ?? createCustomer(context, { email: 'subscriber@example.com', name: 'Test Subscriber' }),
        amount: params.amount,
        currency: params.currency,
        subscription,
        description: params.description ?? '1 × Simulated plan',
        metadata: mergeMetadata({}, params.metadata),
        paymentMethod: params.payment_method,
      });
      return {
        invoice: invoice.id,
        status: invoice.status,
        customer: invoice.customer,
        subscription,
        payment_intent: paymentsOf(invoice)[0]?.payment.payment_intent ?? null,
      };
    },
  ),
  control(
    'POST',
    '/_sim/discounts',
    { customer: required(string()), coupon: required(string()) },
    ({ world }, params) => {
      const [context, customer] = world.locate('customer', params.customer, ({ store }) =>
        store.customer.get(params.customer),
      );
      const coupon = context.store.coupon.need(params.coupon, 'coupon');
      const discount = redeem(context, coupon, { customer: customer.id });
      customer.discount = discount;
      context.emit('customer.discount.created', discount);
      return discount;
    },
  ),
];
