import { refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import type { confirmParams } from './intent-params.ts';

type PaymentIntent = ObjectTypes['payment_intent'];
type PaymentMethod = ObjectTypes['payment_method'];

/** How a request asks for confirmation, on create and on confirm alike. */
export type ConfirmFields = Pick<
  Params<typeof confirmParams>,
  'payment_method' | 'payment_method_data' | 'off_session' | 'error_on_requires_action' | 'return_url'
>;

/** Everything that Stripe checks before it talks to a bank. */
export function checkConfirmation(
  intent: Chargeable,
  method: PaymentMethod | undefined,
  how: ConfirmFields,
): PaymentMethod {
  if (method === undefined) {
    const message =
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.";
    throw refused(message, { code: 'payment_intent_unexpected_state' });
  }
  checkMethod(intent, method);
  if (how.return_url === undefined && !offSession(how)) needsNoReturn(intent.automatic_payment_methods);
  return method;
}

export const offSession = (how: ConfirmFields): boolean => how.off_session !== undefined && how.off_session !== false;

/** The part of an intent that decides which payment methods it takes. */
export type Chargeable = Pick<
  PaymentIntent,
  'customer' | 'currency' | 'payment_method_types' | 'automatic_payment_methods'
>;

export function checkMethod(intent: Chargeable, method: PaymentMethod): void {
  if (method.customer !== null && method.customer !== intent.customer) {
    const message = `The PaymentMethod (${method.id}) belongs to a Customer (${method.customer}). Please include the Customer in the \`customer\` parameter on the PaymentIntent.`;
    throw refused(message, { param: 'payment_method' });
  }
  const types = intent.payment_method_types;
  if (!types.includes(method.type)) {
    const message = `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the following types: ${types.join(', ')}.`;
    throw refused(message, { code: 'payment_intent_incompatible_payment_method', param: 'payment_method' });
  }
  const wanted = method.type === 'sepa_debit' ? 'eur' : method.type === 'us_bank_account' ? 'usd' : intent.currency;
  if (wanted !== intent.currency) {
    const message = `The currency provided (${intent.currency}) is invalid for one or more payment method types on this PaymentIntent: ${method.type}.`;
    throw refused(message, { code: 'payment_method_currency_mismatch', param: 'currency' });
  }
}

/** Payment methods of the Dashboard may redirect, so a place to return to must be given, or redirects ruled out. */
function needsNoReturn(automatic: PaymentIntent['automatic_payment_methods']): void {
  if (automatic === null || !automatic.enabled || automatic.allow_redirects === 'never') return;
  const message =
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.";
  throw refused(message);
}
