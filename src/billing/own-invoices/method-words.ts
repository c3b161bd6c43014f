import type Stripe from 'stripe';

/**
 * How a payment was made, in words for its customer, pure: they follow "Paid EUR 5.00". What Stripe adds in the future is
 * not named; that is true of every payment.
 */
const WORDS: Readonly<Record<string, string>> = {
  card: 'by card',
  card_present: 'by card',
  interac_present: 'by card',
  kr_card: 'by card',
  sepa_debit: 'by SEPA direct debit',
  us_bank_account: 'by ACH direct debit',
  bacs_debit: 'by Bacs direct debit',
  au_becs_debit: 'by BECS direct debit',
  acss_debit: 'by pre-authorised debit',
  nz_bank_account: 'by direct debit',
  customer_balance: 'by bank transfer',
  pay_by_bank: 'by bank transfer',
  affirm: 'with Affirm',
  afterpay_clearpay: 'with Afterpay',
  alipay: 'with Alipay',
  alma: 'with Alma',
  amazon_pay: 'with Amazon Pay',
  bancontact: 'with Bancontact',
  billie: 'with Billie',
  blik: 'with BLIK',
  boleto: 'by boleto',
  cashapp: 'with Cash App Pay',
  eps: 'with EPS',
  ideal: 'with iDEAL',
  klarna: 'with Klarna',
  link: 'with Link',
  mobilepay: 'with MobilePay',
  multibanco: 'with Multibanco',
  p24: 'with Przelewy24',
  paypal: 'with PayPal',
  pix: 'with Pix',
  revolut_pay: 'with Revolut Pay',
  swish: 'with Swish',
  twint: 'with TWINT',
  wechat_pay: 'with WeChat Pay',
};

/** Cards that a wallet holds: the customer knows the wallet. */
const WALLETS: Readonly<Record<string, string>> = {
  apple_pay: 'with Apple Pay',
  google_pay: 'with Google Pay',
  samsung_pay: 'with Samsung Pay',
  link: 'with Link',
};

/** @returns undefined for a method that has no words yet */
export function methodWords(details: Stripe.Charge.PaymentMethodDetails | null | undefined): string | undefined {
  const wallet = details?.card?.wallet?.type;
  return (wallet && WALLETS[wallet]) ?? WORDS[details?.type ?? ''];
}
