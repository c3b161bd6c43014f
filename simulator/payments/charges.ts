import { paginate, sublist } from '../core/lists.ts';
import { object, oneOf, required, string, text, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { shippingParam } from './shipping.ts';

/** Charges are made by payment intents; here they are read and annotated (https://docs.stripe.com/api/charges). */
export const charges: Resource = {
  expansions: {
    charge: {
      balance_transaction: 'id',
      failure_balance_transaction: 'id',
      customer: 'id',
      payment_intent: 'id',
      refunds: (context, id) =>
        sublist([...context.store.refund.newestFirst(({ charge }) => charge === id)], `/v1/charges/${id}/refunds`),
    },
  },
  routes: [
    route('GET', '/v1/charges/{id}', {}, (context, _params, { id }) => context.store.charge.need(id)),
    route(
      'GET',
      '/v1/charges',
      { ...listParams, ...createdParam, customer: string(), payment_intent: string(), transfer_group: unsimulated() },
      (context, params) => {
        const { customer, payment_intent: intent, created } = params;
        const found = context.store.charge.newestFirst(
          (charge) =>
            (customer === undefined || charge.customer === customer) &&
            (intent === undefined || charge.payment_intent === intent) &&
            (created === undefined || inRange(charge.created, created)),
        );
        return paginate(found, params, '/v1/charges');
      },
    ),
    route(
      'POST',
      '/v1/charges/{id}',
      {
        customer: unsimulated(),
        description: text(),
        fraud_details: object({ user_report: required(oneOf('fraudulent', 'safe')) }),
        metadata: metadata(),
        receipt_email: text(),
        shipping: shippingParam,
        transfer_group: unsimulated(),
      },
      (context, params, { id }) => {
        const charge = context.store.charge.need(id);
        return context.change(charge, 'charge.updated', () => {
          if (params.description !== undefined) charge.description = params.description;
          if (params.receipt_email !== undefined) charge.receipt_email = params.receipt_email;
          if (params.shipping != null) charge.shipping = params.shipping;
          if (params.fraud_details !== undefined) charge.fraud_details = params.fraud_details;
          charge.metadata = mergeMetadata(charge.metadata, params.metadata);
        });
      },
    ),
  ],
};
