/**
 * Stripe's test payment methods and how they behave (https://docs.stripe.com/testing).
 * `attachable: false`: the bank refuses already when the card is saved to a customer.
 */
export type Behaviour =
  | { kind: 'succeeds'; aftermath?: Aftermath }
  | {
      kind: 'declines';
      code: string;
      declineCode?: string;
      message: string;
      attachable: boolean;
      adviceCode?: string;
      networkAdviceCode?: string;
    }
  | { kind: 'authenticates' }
  | { kind: 'settles'; succeeds: boolean };

/** What happens after the charge has succeeded: its buyer disputes it, or a refund of it goes another way. */
export type Aftermath = 'dispute' | 'dispute_not_received' | 'inquiry' | 'refund_pending' | 'refund_fails';

export interface TestCard {
  brand: string;
  last4: string;
  funding: 'credit' | 'debit' | 'prepaid';
  country: string;
  behaviour: Behaviour;
}

export const succeeds: Behaviour = { kind: 'succeeds' };

function declines(declineCode: string, message: string, code = 'card_declined', attachable = false): Behaviour {
  return { kind: 'declines', code, ...(code === 'card_declined' ? { declineCode } : {}), message, attachable };
}

const visa = (last4: string, behaviour: Behaviour): TestCard => ({
  brand: 'visa',
  last4,
  funding: 'credit',
  country: 'US',
  behaviour,
});

const DECLINED = 'Your card was declined.';
const generic = visa('0002', declines('generic_decline', DECLINED));
const insufficient = visa('9995', declines('insufficient_funds', 'Your card has insufficient funds.'));
const lost = visa('9987', declines('lost_card', DECLINED));
const stolen = visa('9979', declines('stolen_card', DECLINED));
const expired = visa('0069', declines('expired_card', 'Your card has expired.', 'expired_card'));
const wrongCvc = visa('0127', declines('incorrect_cvc', "Your card's security code is incorrect.", 'incorrect_cvc'));
const fraudulent = visa('0019', declines('fraudulent', DECLINED));
const processing = visa(
  '0119',
  declines(
    'processing_error',
    'An error occurred while processing your card. Try again in a little bit.',
    'processing_error',
  ),
);
const authentication = visa('3184', { kind: 'authenticates' });
const then = (aftermath: Aftermath): Behaviour => ({ kind: 'succeeds', aftermath });

/** By the name after `pm_card_` or `tok_`. */
const named: Readonly<Record<string, TestCard>> = {
  visa: visa('4242', succeeds),
  visa_debit: { ...visa('5556', succeeds), funding: 'debit' },
  mastercard: { brand: 'mastercard', last4: '4444', funding: 'credit', country: 'US', behaviour: succeeds },
  mastercard_debit: { brand: 'mastercard', last4: '3222', funding: 'debit', country: 'US', behaviour: succeeds },
  amex: { brand: 'amex', last4: '8431', funding: 'credit', country: 'US', behaviour: succeeds },
  de: { ...visa('0006', succeeds), country: 'DE' },
  gb: { ...visa('0000', succeeds), country: 'GB', funding: 'debit' },
  bypassPending: visa('0077', succeeds),
  chargeDeclined: generic,
  visa_chargeDeclined: generic,
  chargeDeclinedInsufficientFunds: insufficient,
  visa_chargeDeclinedInsufficientFunds: insufficient,
  chargeDeclinedLostCard: lost,
  visa_chargeDeclinedLostCard: lost,
  chargeDeclinedStolenCard: stolen,
  visa_chargeDeclinedStolenCard: stolen,
  chargeDeclinedExpiredCard: expired,
  visa_chargeDeclinedExpiredCard: expired,
  chargeDeclinedIncorrectCvc: wrongCvc,
  visa_chargeDeclinedIncorrectCvc: wrongCvc,
  chargeDeclinedProcessingError: processing,
  visa_chargeDeclinedProcessingError: processing,
  chargeDeclinedFraudulent: fraudulent,
  visa_chargeDeclinedFraudulent: fraudulent,
  chargeCustomerFail: visa('0341', declines('generic_decline', DECLINED, 'card_declined', true)),
  authenticationRequired: authentication,
  authenticationRequiredOnSetup: authentication,
  threeDSecure2Required: visa('3220', { kind: 'authenticates' }),
  threeDSecureRequired: visa('3063', { kind: 'authenticates' }),
  createDispute: visa('0259', then('dispute')),
  createDisputeInquiry: visa('1976', then('inquiry')),
  createDisputeProductNotReceived: visa('2685', then('dispute_not_received')),
  pendingRefund: visa('7726', then('refund_pending')),
  refundFail: visa('5126', then('refund_fails')),
};

const numbers: Readonly<Record<string, string>> = {
  '4242424242424242': 'visa',
  '4000056655665556': 'visa_debit',
  '5555555555554444': 'mastercard',
  '4000000000000002': 'chargeDeclined',
  '4000000000009995': 'chargeDeclinedInsufficientFunds',
  '4000000000009987': 'chargeDeclinedLostCard',
  '4000000000009979': 'chargeDeclinedStolenCard',
  '4000000000000069': 'chargeDeclinedExpiredCard',
  '4000000000000127': 'chargeDeclinedIncorrectCvc',
  '4000000000000119': 'chargeDeclinedProcessingError',
  '4000000000000341': 'chargeCustomerFail',
  '4000002760003184': 'authenticationRequired',
  '4000000000003220': 'threeDSecure2Required',
  '4000000000000259': 'createDispute',
  '4000000000001976': 'createDisputeInquiry',
  '4000000000002685': 'createDisputeProductNotReceived',
  '4000000000007726': 'pendingRefund',
  '4000000000005126': 'refundFail',
};

/** The card behind `pm_card_visa` or `tok_visa`. */
export function testCard(name: string): TestCard | undefined {
  const bare = /^(?:pm_card_|tok_)(\w+)$/.exec(name)?.[1];
  return bare !== undefined && Object.hasOwn(named, bare) ? named[bare] : undefined;
}

/** The card behind a test number. */
export function testCardNumber(digits: string): TestCard | undefined {
  const name = Object.hasOwn(numbers, digits) ? numbers[digits] : undefined;
  return name === undefined ? undefined : named[name];
}

/** Bank accounts whose debits fail after a while: an IBAN, an American account number. */
const FAILING = new Set([
  'AT861904300235473202',
  'DE62370400440532013001',
  'IT60X0542811101000000123456',
  '000111111113',
]);

/** Every other account settles. The Stripe CLI uses the Italian IBAN for its failing debit. */
export const bankBehaviour = (account: string): Behaviour => ({ kind: 'settles', succeeds: !FAILING.has(account) });
