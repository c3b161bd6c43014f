import { type ControlRoute, control } from '../core/control.ts';
import { required, string } from '../core/params.ts';
import { redeem } from './discounts.ts';

/** What Stripe does to invoices by itself, or only in its Dashboard. */
export const invoicingControl: readonly ControlRoute[] = [
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
