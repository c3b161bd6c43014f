import type { Context } from '../core/context.ts';
import { noSuch, refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, object, oneOf, required, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { cardControl } from './control-routes.ts';
import { attach, takePaymentMethod } from './payment-method.ts';
import { billingDetails, createPaymentMethod, paymentMethodParams } from './payment-method-params.ts';

const filters = {
  ...listParams,
  type: string(),
  allow_redisplay: oneOf('always', 'limited', 'unspecified'),
} as const;

function ofCustomer(context: Context, customer: string, type: string | undefined): ObjectTypes['payment_method'][] {
  context.store.customer.need(customer, 'customer');
  const found = context.store.payment_method.newestFirst(
    (method) => method.customer === customer && (type === undefined || method.type === type),
  );
  return [...found];
}

/** https://docs.stripe.com/api/payment_methods */
export const paymentMethods: Resource = {
  controls: cardControl,
  expansions: { payment_method: { customer: 'id' } },
  routes: [
    route(
      'POST',
      '/v1/payment_methods',
      { ...paymentMethodParams, customer: unsimulated(), payment_method: unsimulated() },
      (context, params) => createPaymentMethod(context, params),
    ),
    route(
      'GET',
      '/v1/payment_methods',
      { ...filters, customer: string(), customer_account: unsimulated() },
      (context, params) => {
        const { customer, type } = params;
        const found = customer === undefined ? [] : ofCustomer(context, customer, type);
        return paginate(found, params, '/v1/payment_methods');
      },
    ),
    route('GET', '/v1/payment_methods/{id}', {}, (context, _params, { id }) => context.store.payment_method.need(id)),
    route(
      'POST',
      '/v1/payment_methods/{id}',
      {
        allow_redisplay: oneOf('always', 'limited', 'unspecified'),
        billing_details: billingDetails,
        card: object({ exp_month: int({ min: 1, max: 12 }), exp_year: int(), networks: unsimulated() }),
        metadata: metadata(),
        us_bank_account: unsimulated(),
      },
      (context, params, { id }) => {
        const method = context.store.payment_method.need(id);
        if (method.customer === null) {
          throw refused('You must save this PaymentMethod to a customer before you can update it.');
        }
        return context.change(method, 'payment_method.updated', () => {
          const { billing_details: billing, card } = params;
          if (billing?.email !== undefined) method.billing_details.email = billing.email;
          if (billing?.name !== undefined) method.billing_details.name = billing.name;
          if (billing?.phone !== undefined) method.billing_details.phone = billing.phone;
          if (billing?.address !== undefined) method.billing_details.address = billing.address;
          if (method.card !== undefined && card?.exp_month !== undefined) method.card.exp_month = card.exp_month;
          if (method.card !== undefined && card?.exp_year !== undefined) method.card.exp_year = card.exp_year;
          if (params.allow_redisplay !== undefined) method.allow_redisplay = params.allow_redisplay;
          method.metadata = mergeMetadata(method.metadata, params.metadata);
        });
      },
    ),
    route(
      'POST',
      '/v1/payment_methods/{id}/attach',
      { customer: required(string()), customer_account: unsimulated() },
      (context, params, { id }) => {
        const customer = context.store.customer.need(params.customer, 'customer');
        return attach(context, takePaymentMethod(context, id), customer.id);
      },
    ),
    route('POST', '/v1/payment_methods/{id}/detach', {}, (context, _params, { id }) => {
      const method = context.store.payment_method.need(id);
      if (method.customer === null) {
        throw refused('The payment method you provided is not attached to a customer so detachment is impossible.', {
          code: 'payment_method_unexpected_state',
        });
      }
      const before = method.customer;
      method.customer = null;
      context.emit('payment_method.detached', method, { customer: before });
      return method;
    }),
    route('GET', '/v1/customers/{id}/payment_methods', filters, (context, params, { id }) =>
      paginate(ofCustomer(context, id, params.type), params, `/v1/customers/${id}/payment_methods`),
    ),
    route('GET', '/v1/customers/{customerId}/payment_methods/{id}', {}, (context, _params, { customerId, id }) => {
      const method = context.store.payment_method.need(id);
      if (method.customer !== customerId) throw noSuch('PaymentMethod', id);
      return method;
    }),
  ],
};
