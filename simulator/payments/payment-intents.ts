import type { Context } from '../core/context.ts';
import { invalidParam, StripeError } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, oneOf, type Params, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { captureIntent, confirmIntent } from './attempt.ts';
import { type Chargeable, type ConfirmFields, checkConfirmation, checkMethod, offSession } from './confirmation.ts';
import { cancelIntent, checkAmount, createIntent, type IntentFields, unexpectedState } from './intent.ts';
import { confirmParams, createParams, notOnCapture, updateParams } from './intent-params.ts';
import { takePaymentMethod } from './payment-method.ts';
import { createPaymentMethod } from './payment-method-params.ts';

type PaymentIntent = ObjectTypes['payment_intent'];
type PaymentMethod = ObjectTypes['payment_method'];

/** The payment method that the request brings along or names, if any. */
function methodOf(
  context: Context,
  sent: Pick<ConfirmFields, 'payment_method' | 'payment_method_data'>,
): PaymentMethod | undefined {
  if (sent.payment_method_data !== undefined) return createPaymentMethod(context, sent.payment_method_data);
  if (sent.payment_method == null) return undefined;
  return takePaymentMethod(context, sent.payment_method, 'payment_method');
}

const CONFIRMABLE = ['requires_payment_method', 'requires_confirmation', 'requires_action'];

/** Charges, and turns a decline into the 402 that carries the intent. */
function attempt(context: Context, intent: PaymentIntent, method: PaymentMethod, how: ConfirmFields): PaymentIntent {
  const failure = confirmIntent(context, intent, method, {
    offSession: offSession(how),
    errorOnRequiresAction: how.error_on_requires_action ?? false,
    returnUrl: how.return_url,
  });
  if (failure === undefined) return intent;
  throw new StripeError(402, 'card_error', failure.message, {
    code: failure.code,
    ...(failure.declineCode === undefined ? {} : { decline_code: failure.declineCode }),
    ...(intent.latest_charge === null ? {} : { charge: intent.latest_charge }),
    payment_intent: intent,
    payment_method: method,
  });
}

function confirm(context: Context, intent: PaymentIntent, params: Params<typeof confirmParams>): PaymentIntent {
  if (!CONFIRMABLE.includes(intent.status)) throw unexpectedState(intent, 'confirmed', CONFIRMABLE);
  const known = context.store.payment_method.get(intent.payment_method ?? '');
  const method = checkConfirmation(intent, methodOf(context, params) ?? known, params);
  if (params.receipt_email !== undefined) intent.receipt_email = params.receipt_email;
  if (params.setup_future_usage !== undefined) intent.setup_future_usage = params.setup_future_usage;
  if (params.shipping !== undefined) intent.shipping = params.shipping;
  return attempt(context, intent, method, params);
}

function create(context: Context, params: Params<typeof createParams>): PaymentIntent {
  const { customer, payment_method_types: legacyTypes, automatic_payment_methods: automatic } = params;
  if (customer !== undefined) context.store.customer.need(customer, 'customer');
  if (params.off_session !== undefined && params.confirm !== true) {
    throw invalidParam('You can only set off_session when confirm is true.', 'off_session');
  }
  const types = legacyTypes ?? params.allowed_payment_method_types;
  const fields: IntentFields & Chargeable = {
    amount: params.amount,
    currency: params.currency,
    automatic_payment_methods:
      types === undefined && (automatic?.enabled ?? true)
        ? { enabled: true, allow_redirects: automatic?.allow_redirects ?? 'always' }
        : null,
    allowed_payment_method_types: params.allowed_payment_method_types ?? null,
    capture_method: params.capture_method ?? 'automatic_async',
    confirmation_method: params.confirmation_method ?? 'automatic',
    customer: customer ?? null,
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    payment_method_types: types ?? offered(params.currency),
    receipt_email: params.receipt_email ?? null,
    setup_future_usage: params.setup_future_usage ?? null,
    shipping: params.shipping ?? null,
    statement_descriptor: params.statement_descriptor ?? null,
    statement_descriptor_suffix: params.statement_descriptor_suffix ?? null,
  };
  checkAmount(fields.amount, fields.currency);
  const method = methodOf(context, params);
  if (params.confirm === true) {
    const checked = checkConfirmation(fields, method, params);
    return attempt(context, createIntent(context, fields), checked, params);
  }
  if (method !== undefined) checkMethod(fields, method);
  const intent = createIntent(context, fields);
  if (method !== undefined) awaitConfirmation(intent, method);
  return intent;
}

function awaitConfirmation(intent: PaymentIntent, method: PaymentMethod): void {
  checkMethod(intent, method);
  intent.payment_method = method.id;
  intent.status = 'requires_confirmation';
}

/** What the Dashboard of the simulated account has switched on. */
export function offered(code: string): string[] {
  return ['card', ...(code === 'eur' ? ['sepa_debit'] : code === 'usd' ? ['us_bank_account'] : [])];
}

function update(context: Context, intent: PaymentIntent, params: Params<typeof updateParams>): PaymentIntent {
  const amountChanges = params.amount !== undefined && params.amount !== intent.amount;
  if ((amountChanges || params.currency !== undefined) && !CONFIRMABLE.includes(intent.status)) {
    throw unexpectedState(intent, 'updated', CONFIRMABLE);
  }
  checkAmount(params.amount ?? intent.amount, params.currency ?? intent.currency);
  if (params.customer !== undefined) context.store.customer.need(params.customer, 'customer');
  intent.amount = params.amount ?? intent.amount;
  intent.currency = params.currency ?? intent.currency;
  intent.customer = params.customer ?? intent.customer;
  intent.capture_method = params.capture_method ?? intent.capture_method;
  if (params.description !== undefined) intent.description = params.description;
  if (params.receipt_email !== undefined) intent.receipt_email = params.receipt_email;
  if (params.setup_future_usage !== undefined) intent.setup_future_usage = params.setup_future_usage;
  if (params.shipping !== undefined) intent.shipping = params.shipping;
  if (params.statement_descriptor !== undefined) intent.statement_descriptor = params.statement_descriptor;
  if (params.statement_descriptor_suffix !== undefined) {
    intent.statement_descriptor_suffix = params.statement_descriptor_suffix;
  }
  intent.metadata = mergeMetadata(intent.metadata, params.metadata);
  const method = methodOf(context, params);
  if (method !== undefined) awaitConfirmation(intent, method);
  return intent;
}

const need = (context: Context, id: string): PaymentIntent => context.store.payment_intent.need(id);

/** https://docs.stripe.com/api/payment_intents */
export const paymentIntents: Resource = {
  expansions: {
    payment_intent: { customer: 'id', latest_charge: 'id', payment_method: 'id' },
  },
  routes: [
    route('POST', '/v1/payment_intents', createParams, create, { legacy: ['payment_method_types'] }),
    route(
      'GET',
      '/v1/payment_intents',
      { ...listParams, ...createdParam, customer: string(), customer_account: unsimulated() },
      (context, params) => {
        const { customer, created } = params;
        const found = context.store.payment_intent.newestFirst(
          (intent) =>
            (customer === undefined || intent.customer === customer) &&
            (created === undefined || inRange(intent.created, created)),
        );
        return paginate(found, params, '/v1/payment_intents');
      },
    ),
    route('GET', '/v1/payment_intents/{id}', { client_secret: string() }, (context, _params, { id }) =>
      need(context, id),
    ),
    route('POST', '/v1/payment_intents/{id}', updateParams, (context, params, { id }) =>
      update(context, need(context, id), params),
    ),
    route('POST', '/v1/payment_intents/{id}/confirm', confirmParams, (context, params, { id }) =>
      confirm(context, need(context, id), params),
    ),
    route(
      'POST',
      '/v1/payment_intents/{id}/cancel',
      { cancellation_reason: oneOf('abandoned', 'duplicate', 'fraudulent', 'requested_by_customer') },
      (context, params, { id }) => cancelIntent(context, need(context, id), params.cancellation_reason ?? null),
    ),
    route(
      'POST',
      '/v1/payment_intents/{id}/capture',
      { amount_to_capture: int({ min: 1 }), metadata: metadata(), ...notOnCapture },
      (context, params, { id }) => {
        const intent = need(context, id);
        captureIntent(context, intent, params.amount_to_capture);
        intent.metadata = mergeMetadata(intent.metadata, params.metadata);
        return intent;
      },
    ),
  ],
};
