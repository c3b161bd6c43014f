import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, object, oneOf, type Params, required, string, text, unsimulated } from '../core/params.ts';
import { address, email, mergeMetadata, metadata } from '../core/shared-params.ts';
import { methodType, otherTypeParams } from './method-types.ts';
import { newCard, newSepaDebit, newUsBankAccount } from './payment-method.ts';
import { testCard, testCardNumber } from './test-cards.ts';

/** Who pays, as a parameter. */
export const billingDetails = object({
  address: address(),
  email: email(),
  name: text(),
  phone: text(),
  tax_id: unsimulated(),
});

/** `payment_method_data`: bank debits; cards come as ids or tokens. */
export const paymentMethodDataParams = {
  ...otherTypeParams,
  type: required(methodType()),
  allow_redisplay: oneOf('always', 'limited', 'unspecified'),
  billing_details: billingDetails,
  sepa_debit: object({ iban: required(string()) }),
  us_bank_account: object({
    account_holder_type: oneOf('company', 'individual'),
    account_number: string(),
    account_type: oneOf('checking', 'savings'),
    financial_connections_account: unsimulated(),
    routing_number: string(),
  }),
  metadata: metadata(),
  radar_options: unsimulated(),
} as const;

const cardParam = object({
  number: string(),
  exp_month: int({ min: 1, max: 12 }),
  exp_year: int(),
  cvc: string({ max: 4 }),
  token: string(),
  networks: unsimulated(),
});

/** The body of `POST /v1/payment_methods`. */
export const paymentMethodParams = { ...paymentMethodDataParams, card: cardParam, custom: unsimulated() } as const;

type Described = Params<typeof paymentMethodDataParams> & { card?: Params<{ card: typeof cardParam }>['card'] };

/** Makes and stores the payment method that was described. */
export function createPaymentMethod(context: Context, sent: Described): ObjectTypes['payment_method'] {
  const method = ofType(context, sent);
  method.metadata = mergeMetadata({}, sent.metadata);
  method.allow_redisplay = sent.allow_redisplay ?? 'unspecified';
  return method;
}

function ofType(context: Context, sent: Described): ObjectTypes['payment_method'] {
  const { address: where, email: mail, name, phone } = sent.billing_details ?? {};
  const billing = { address: where ?? null, email: mail ?? null, name: name ?? null, phone: phone ?? null };
  switch (sent.type) {
    case 'sepa_debit':
      if (sent.sepa_debit === undefined) throw missing('sepa_debit');
      if (billing.email === null || billing.name === null) {
        throw refused('Missing required param: billing_details[email] and billing_details[name] for sepa_debit.', {
          code: 'parameter_missing',
          param: 'billing_details',
        });
      }
      return newSepaDebit(context, sent.sepa_debit.iban, billing);
    case 'us_bank_account':
      if (sent.us_bank_account?.account_number === undefined) throw missing('us_bank_account');
      return newUsBankAccount(context, sent.us_bank_account.account_number, billing);
    case 'card': {
      const { token, number } = sent.card ?? {};
      const card = token !== undefined ? testCard(token) : testCardNumber(number ?? '');
      if (card === undefined && token !== undefined) {
        throw refused(`No such token: '${token}'`, { code: 'resource_missing', param: 'card[token]' });
      }
      if (number === undefined && token === undefined) throw missing('card');
      if (card === undefined) {
        throw new StripeError(402, 'card_error', 'Your card number is incorrect.', {
          code: 'incorrect_number',
          param: 'number',
        });
      }
      return newCard(context, card, billing);
    }
  }
}

const missing = (param: string): StripeError =>
  refused(`Missing required param: ${param}.`, { code: 'parameter_missing', param });
