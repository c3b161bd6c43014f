/**
 * The words of a decline and what each stands for. Sources: docs.stripe.com/declines/codes,
 * docs.stripe.com/declines/card#retrying-issuer-declines, and for the two digits Mastercard's merchant advice codes (MAC).
 */

/** From the strictest to the softest. */
export const DECLINE_CLASSES = [
  'lost_card',
  'stop',
  'not_possible',
  'authenticate',
  'card_data',
  'unclear',
  'money',
  'later',
] as const;

export type DeclineClass = (typeof DECLINE_CLASSES)[number];

export type WordsByClass = Readonly<Partial<Record<DeclineClass, readonly string[]>>>;

/** `decline_code`, `code` and the `reason` of an outcome share their words. */
export const CODES: WordsByClass = {
  lost_card: [
    'lost_card',
    'stolen_card',
    'pickup_card',
    'restricted_card',
    'fraudulent',
    'merchant_blacklist',
    'security_violation',
  ],
  stop: [
    'stop_payment_order',
    'revocation_of_authorization',
    'revocation_of_all_authorizations',
    'previously_declined_do_not_retry',
  ],
  not_possible: [
    'transaction_not_allowed',
    'currency_not_supported',
    'card_not_supported',
    'not_permitted',
    'service_not_allowed',
    'highest_risk_level',
    'live_mode_test_card',
    'testmode_decline',
  ],
  // The last two are codes of an authentication that failed, not of an issuer that wants one.
  authenticate: ['authentication_required', 'authentication_not_handled', 'payment_intent_authentication_failure'],
  card_data: [
    'incorrect_number',
    'invalid_number',
    'expired_card',
    'incorrect_cvc',
    'invalid_cvc',
    'invalid_expiry_month',
    'invalid_expiry_year',
    'new_account_information_available',
  ],
  unclear: ['generic_decline', 'do_not_honor', 'call_issuer', 'no_action_taken'],
  money: ['insufficient_funds', 'withdrawal_count_limit_exceeded', 'card_velocity_exceeded'],
  later: ['issuer_not_available', 'processing_error', 'try_again_later', 'reenter_transaction', 'approve_with_id'],
};

export const ADVICE: WordsByClass = {
  stop: ['do_not_try_again'],
  card_data: ['confirm_card_data'],
  later: ['try_again_later'],
};

export const NETWORK_ADVICE: WordsByClass = {
  stop: ['03', '21'],
  not_possible: ['04', '40', '41', '43'],
  card_data: ['01'],
  later: ['02', '24', '25', '26', '27', '28', '29', '30'],
};

const HOUR = 3_600;
const DAY = 24 * HOUR;

/** Seconds. Stripe's advice names no time: a day is what one try a day comes to anyway. */
export const ADVICE_WAIT: Readonly<Record<string, number>> = { try_again_later: DAY };

/** Seconds, as the network says them. */
export const NETWORK_WAIT: Readonly<Record<string, number>> = {
  '02': 3 * DAY,
  '24': HOUR,
  '25': DAY,
  '26': 2 * DAY,
  '27': 4 * DAY,
  '28': 6 * DAY,
  '29': 8 * DAY,
  '30': 10 * DAY,
};
