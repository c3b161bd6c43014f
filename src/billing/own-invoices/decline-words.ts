/**
 * Why a payment did not work, in words for the customer, pure. Reasons that would help a thief (stolen, fraud) are told as
 * a plain decline. Source: Stripe documentation, "Decline codes".
 */
const WORDS: Readonly<Record<string, string>> = {
  insufficient_funds: 'The card has insufficient funds.',
  expired_card: 'The card has expired.',
  incorrect_cvc: 'The security code is not correct.',
  invalid_cvc: 'The security code is not correct.',
  incorrect_number: 'The card number is not correct.',
  invalid_number: 'The card number is not correct.',
  invalid_expiry_month: 'The expiry date is not correct.',
  invalid_expiry_year: 'The expiry date is not correct.',
  card_not_supported: 'The card does not support this kind of purchase.',
  currency_not_supported: 'The card does not support this currency.',
  card_velocity_exceeded: 'The card has reached its limit.',
  withdrawal_count_limit_exceeded: 'The card has reached its limit.',
  authentication_required: 'The bank asks for a confirmation that was not given.',
  authentication_not_handled: 'The bank asks for a confirmation that was not given.',
  processing_error: 'The bank could not process the payment just now.',
  try_again_later: 'The bank could not process the payment just now.',
  issuer_not_available: 'The bank could not be reached.',
};

/** Of debits and other ways that know no card. */
const WORDS_WITHOUT_CARD: Readonly<Record<string, string>> = {
  insufficient_funds: 'The account has insufficient funds.',
  account_closed: 'The bank account is closed.',
  bank_account_closed: 'The bank account is closed.',
  no_account: 'The bank account could not be found.',
  debit_not_authorized: 'The bank did not accept the direct debit.',
  authentication_required: 'The bank asks for a confirmation that was not given.',
  processing_error: 'The bank could not process the payment just now.',
};

/** @param method type of the payment method, as Stripe names it */
export function declineWords(
  error: { readonly code?: string | undefined; readonly decline_code?: string | undefined } | null,
  method = 'card',
): string {
  const reason = error?.decline_code ?? error?.code ?? '';
  if (!/card/.test(method) && error?.code !== 'payment_intent_authentication_failure') {
    return WORDS_WITHOUT_CARD[reason] ?? 'The bank did not carry out the payment.';
  }
  if (error?.code === 'payment_intent_authentication_failure') return WORDS.authentication_required ?? '';
  return WORDS[reason] ?? 'The bank declined the payment.';
}
