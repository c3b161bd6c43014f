import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { newCard, newSepaDebit, newUsBankAccount } from '../payments/payment-method.ts';
import { testCard } from '../payments/test-cards.ts';
import type { Buyer } from './completion.ts';
import { type Choice, debitType } from './page.ts';

type PaymentMethod = ObjectTypes['payment_method'];

const cards = {
  card: 'pm_card_visa',
  authenticate: 'pm_card_authenticationRequired',
  declined: 'pm_card_visa_chargeDeclined',
  insufficient: 'pm_card_visa_chargeDeclinedInsufficientFunds',
  expired: 'pm_card_chargeDeclinedExpiredCard',
} as const;

const accounts = {
  debit: { sepa_debit: 'AT611904300234573201', us_bank_account: '000123456789' },
  debit_fails: { sepa_debit: 'AT861904300235473202', us_bank_account: '000111111113' },
} as const;

/** Stripe's test payment method behind a button of the page, in the buyer's name. */
export function methodFor(
  context: Context,
  session: ObjectTypes['checkout.session'],
  choice: Choice,
  buyer: Buyer,
): PaymentMethod {
  const email = buyer.email ?? session.customer_details?.email ?? null;
  const billing = { email, name: buyer.name ?? null, phone: buyer.phone ?? null, address: buyer.address ?? null };
  if (choice === 'debit' || choice === 'debit_fails') {
    const type = debitType(session);
    if (type === undefined) throw refused(`This session takes no bank debits (${session.currency}).`);
    const account = accounts[choice][type];
    return type === 'sepa_debit'
      ? newSepaDebit(context, account, billing)
      : newUsBankAccount(context, account, billing);
  }
  const card = testCard(cards[choice]);
  if (card === undefined) throw new Error(`Bug: no test card for ${choice}`);
  return newCard(context, card, billing);
}
