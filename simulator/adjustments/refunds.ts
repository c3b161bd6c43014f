import type { Context } from '../core/context.ts';
import { invalidParam, refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, oneOf, type Params, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { cancelRefund, changeRefund, createRefund } from './refund.ts';

const createShape = {
  amount: int({ min: 1 }),
  charge: string(),
  currency: unsimulated(),
  customer: unsimulated(),
  instructions_email: string(),
  metadata: metadata(),
  origin: unsimulated(),
  payment_intent: string(),
  reason: oneOf('duplicate', 'fraudulent', 'requested_by_customer'),
  refund_application_fee: unsimulated(),
  reverse_transfer: unsimulated(),
} as const;

function chargeOf(context: Context, params: Params<typeof createShape>): ObjectTypes['charge'] {
  const { charge, payment_intent: intentId } = params;
  if (charge !== undefined && intentId !== undefined) {
    const message = 'You may only specify one of these parameters: charge, payment_intent.';
    throw invalidParam(message, 'charge', 'parameters_exclusive');
  }
  if (charge !== undefined) return context.store.charge.need(charge, 'charge');
  if (intentId === undefined) {
    throw invalidParam(
      'One of the following params should be provided for this request: payment_intent or charge.',
      'payment_intent',
      'parameter_missing',
    );
  }
  const intent = context.store.payment_intent.need(intentId, 'payment_intent');
  const found = context.store.charge.get(intent.latest_charge ?? '');
  if (found?.status === 'succeeded') return found;
  throw refused(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
    param: 'payment_intent',
  });
}

/** https://docs.stripe.com/api/refunds */
export const refunds: Resource = {
  expansions: {
    refund: {
      balance_transaction: 'id',
      charge: 'id',
      customer: 'id',
      failure_balance_transaction: 'id',
      payment_intent: 'id',
      payment_method: 'id',
    },
  },
  routes: [
    route('POST', '/v1/refunds', createShape, (context, params) =>
      createRefund(context, chargeOf(context, params), {
        amount: params.amount,
        reason: params.reason,
        metadata: mergeMetadata({}, params.metadata),
        instructionsEmail: params.instructions_email,
      }),
    ),
    route('GET', '/v1/refunds/{id}', {}, (context, _params, { id }) => context.store.refund.need(id)),
    route('POST', '/v1/refunds/{id}', { metadata: metadata() }, (context, params, { id }) => {
      const refund = context.store.refund.need(id);
      changeRefund(context, refund, () => {
        refund.metadata = mergeMetadata(refund.metadata, params.metadata);
      });
      return refund;
    }),
    route('POST', '/v1/refunds/{id}/cancel', {}, (context, _params, { id }) => {
      const refund = context.store.refund.need(id);
      if (refund.status !== 'requires_action') {
        throw refused(
          `You cannot cancel a refund with a status of ${refund.status}: only requires_action can be canceled.`,
        );
      }
      cancelRefund(context, refund);
      return refund;
    }),
    route(
      'GET',
      '/v1/refunds',
      { ...listParams, ...createdParam, charge: string(), payment_intent: string() },
      (context, params) => {
        const { charge, created, payment_intent: intent } = params;
        const found = context.store.refund.newestFirst(
          (refund) =>
            (charge === undefined || refund.charge === charge) &&
            (intent === undefined || refund.payment_intent === intent) &&
            (created === undefined || inRange(refund.created, created)),
        );
        return paginate(found, params, '/v1/refunds');
      },
    ),
  ],
};
