import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { attach, behaviourOf, checkSavable } from './payment-method.ts';

export type SetupIntent = ObjectTypes['setup_intent'];
type PaymentMethod = ObjectTypes['payment_method'];

/** Stores a new intent to save a payment method. Emits `setup_intent.created`. */
export function createSetupIntent(context: Context, fields: Partial<SetupIntent>): SetupIntent {
  const id = context.id('seti_');
  const intent = context.store.setup_intent.add({
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${token(25)}`,
    created: context.now(),
    customer: null,
    customer_account: null,
    description: null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: context.livemode,
    mandate: null,
    metadata: {},
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: 'requires_payment_method',
    usage: 'off_session',
    ...fields,
  });
  context.emit('setup_intent.created', intent);
  return intent;
}

/**
 * Saves the payment method to the intent's customer. A bank may refuse that (402) or want to see the customer first; a card
 * that declines when it is charged can be saved all the same. Source: https://docs.stripe.com/payments/setupintents/lifecycle
 */
export function confirmSetup(
  context: Context,
  intent: SetupIntent,
  method: PaymentMethod,
  { authenticated = false, returnUrl = null }: { authenticated?: boolean; returnUrl?: string | null } = {},
): SetupIntent {
  checkOpen(intent, 'confirm');
  intent.payment_method = method.id;
  if (behaviourOf(method).kind === 'authenticates' && !authenticated) {
    const url = `${context.home.baseUrl}/c/setup/${intent.id}`;
    intent.status = 'requires_action';
    intent.next_action = { redirect_to_url: { return_url: returnUrl, url }, type: 'redirect_to_url' };
    context.emit('setup_intent.requires_action', intent);
    return intent;
  }
  try {
    checkSavable(method);
    if (intent.customer !== null) attach(context, method, intent.customer);
  } catch (error) {
    if (error instanceof StripeError) failSetup(context, intent, method, error);
    throw error;
  }
  intent.status = 'succeeded';
  intent.next_action = null;
  intent.last_setup_error = null;
  context.emit('setup_intent.succeeded', intent);
  return intent;
}

export function cancelSetup(
  context: Context,
  intent: SetupIntent,
  reason: SetupIntent['cancellation_reason'],
): SetupIntent {
  checkOpen(intent, 'cancel');
  intent.status = 'canceled';
  intent.cancellation_reason = reason;
  intent.next_action = null;
  context.emit('setup_intent.canceled', intent);
  return intent;
}

function checkOpen({ status }: SetupIntent, deed: string): void {
  if (status !== 'succeeded' && status !== 'canceled') return;
  throw refused(`You cannot ${deed} this SetupIntent because it has a status of ${status}.`, {
    code: 'setup_intent_unexpected_state',
  });
}

export function failSetup(
  context: Context,
  intent: SetupIntent,
  method: PaymentMethod,
  { message, details: { code, decline_code: declineCode } }: Pick<StripeError, 'message' | 'details'>,
): void {
  intent.status = 'requires_payment_method';
  intent.payment_method = null;
  intent.next_action = null;
  intent.last_setup_error = {
    ...(code === undefined ? {} : { code }),
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
    message,
    payment_method: method,
    type: 'card_error',
  };
  context.emit('setup_intent.setup_failed', intent);
}
