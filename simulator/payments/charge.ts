import type { Context } from '../core/context.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { bookCharge } from './balance-transactions.ts';

type Charge = ObjectTypes['charge'];
type PaymentIntent = ObjectTypes['payment_intent'];
type PaymentMethod = ObjectTypes['payment_method'];

/** Why a charge failed, in Stripe's words. */
export interface Failure {
  code: string;
  declineCode?: string;
  message: string;
  /** What Stripe makes of it. */
  adviceCode?: string;
  /** Two digits of the card's network. */
  networkAdviceCode?: string;
}

/** A charge of the whole intent with this payment method. Cards settle at once (`ch_`), bank debits later (`py_`). */
export function newCharge(context: Context, intent: PaymentIntent, method: PaymentMethod): Charge {
  const id = context.id(method.type === 'card' ? 'ch_' : 'py_');
  return context.store.charge.add({
    id,
    object: 'charge',
    amount: intent.amount,
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { ...method.billing_details, tax_id: null },
    calculated_statement_descriptor: intent.statement_descriptor ?? 'SIMULATOR',
    captured: false,
    created: context.now(),
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: context.livemode,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: null,
    paid: false,
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: methodDetails(intent, method),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: `${context.home.baseUrl}/c/receipts/${id}`,
    refunded: false,
    review: null,
    shipping: intent.shipping,
    source: null,
    source_transfer: null,
    statement_descriptor: intent.statement_descriptor,
    statement_descriptor_suffix: intent.statement_descriptor_suffix,
    status: 'pending',
    transfer_data: null,
    transfer_group: null,
  });
}

function methodDetails(intent: PaymentIntent, method: PaymentMethod): Charge['payment_method_details'] {
  if (method.card !== undefined) {
    const { brand, checks, country, exp_month, exp_year, fingerprint, funding, last4 } = method.card;
    return {
      type: 'card',
      card: {
        amount_authorized: intent.amount,
        authorization_code: '123456',
        brand,
        checks,
        country,
        electronic_commerce_indicator: null,
        exp_month,
        exp_year,
        fingerprint: fingerprint ?? null,
        funding,
        installments: null,
        last4,
        mandate: null,
        network: brand,
        network_transaction_id: null,
        regulated_status: 'unregulated',
        three_d_secure: null,
        transaction_link_id: null,
        wallet: null,
      },
    };
  }
  if (method.sepa_debit !== undefined) {
    const { bank_code, branch_code, country, fingerprint, last4 } = method.sepa_debit;
    return {
      type: 'sepa_debit',
      sepa_debit: { bank_code, branch_code, country, fingerprint, last4, mandate: null },
    };
  }
  if (method.us_bank_account !== undefined) {
    const { account_holder_type, account_type, bank_name, fingerprint, last4, routing_number } = method.us_bank_account;
    return {
      type: 'us_bank_account',
      us_bank_account: {
        account_holder_type,
        account_type,
        bank_name,
        fingerprint,
        last4,
        payment_reference: null,
        routing_number,
      },
    };
  }
  return { type: method.type };
}

/** The bank said yes. `captured: false` holds the money only. Emits `charge.succeeded`. */
export function approveCharge(context: Context, charge: Charge, captured: boolean): void {
  charge.status = 'succeeded';
  charge.paid = true;
  charge.outcome = {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: null,
    network_status: 'approved_by_network',
    reason: null,
    risk_level: 'normal',
    seller_message: 'Payment complete.',
    type: 'authorized',
  };
  if (captured) {
    charge.captured = true;
    charge.amount_captured = charge.amount;
    bookLater(context, charge);
  }
  context.emit('charge.succeeded', charge);
}

/** Takes held money, all or a part of it. Emits `charge.captured`. */
export function captureCharge(context: Context, charge: Charge, amount: number): void {
  charge.captured = true;
  charge.amount_captured = amount;
  bookLater(context, charge);
  context.emit('charge.captured', charge);
}

/** The bank said no. Emits `charge.failed`. */
export function failCharge(context: Context, charge: Charge, failure: Failure): void {
  charge.status = 'failed';
  charge.failure_code = failure.code;
  charge.failure_message = failure.message;
  charge.outcome = {
    advice_code: adviceOf(failure.adviceCode),
    network_advice_code: failure.networkAdviceCode ?? null,
    network_decline_code: null,
    network_status: 'declined_by_network',
    reason: failure.declineCode ?? failure.code,
    risk_level: 'normal',
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined',
  };
  context.emit('charge.failed', charge);
}

function adviceOf(word: string | undefined): NonNullable<Charge['outcome']>['advice_code'] {
  return word === 'confirm_card_data' || word === 'do_not_try_again' || word === 'try_again_later' ? word : null;
}

/**
 * The balance transaction comes a moment later, with `charge.updated`: capture is asynchronous by default. Only a card
 * under `capture_method=automatic` is booked in the same breath.
 * https://docs.stripe.com/payments/payment-intents/asynchronous-capture
 */
function bookLater(context: Context, charge: Charge): void {
  const intent = context.store.payment_intent.get(charge.payment_intent ?? '');
  if (intent?.capture_method === 'automatic' && charge.id.startsWith('ch_')) {
    charge.balance_transaction = bookCharge(context, charge).id;
    return;
  }
  context.later(context.account.settings.balanceDelayMs, (later) => {
    later.change(charge, 'charge.updated', () => {
      charge.balance_transaction = bookCharge(later, charge).id;
    });
  });
}
