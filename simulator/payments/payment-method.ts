import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { WireAddress } from '../core/shared-params.ts';
import { type Behaviour, bankBehaviour, succeeds, type TestCard, testCard } from './test-cards.ts';

type PaymentMethod = ObjectTypes['payment_method'];

export interface BillingDetails {
  address: WireAddress | null;
  email: string | null;
  name: string | null;
  phone: string | null;
}

const behaviours = new HiddenField<PaymentMethod, Behaviour>('behaviours');

/** What happens when this payment method is charged. */
export const behaviourOf = (method: PaymentMethod): Behaviour => behaviours.get(method) ?? succeeds;

/** From now on its bank decides otherwise. */
export function behaveAs(method: PaymentMethod, behaviour: Behaviour): void {
  behaviours.set(method, behaviour);
}

/** The payment method that a parameter (or the URL) names: an id, or a test name, which stands for a new one each time. */
export function takePaymentMethod(context: Context, name: string, param?: string): PaymentMethod {
  const stored = context.store.payment_method.get(name);
  if (stored !== undefined) return stored;
  const card = testCard(name);
  if (card === undefined) return context.store.payment_method.need(name, param);
  return newCard(context, card);
}

export function newCard(context: Context, card: TestCard, billing?: Partial<BillingDetails>): PaymentMethod {
  const method: PaymentMethod = {
    ...blank(context, billing),
    type: 'card',
    card: {
      brand: card.brand,
      checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: 'pass' },
      country: card.country,
      display_brand: card.brand,
      exp_month: 12,
      exp_year: new Date(context.now() * 1000).getUTCFullYear() + 3,
      fingerprint: token(16),
      funding: card.funding,
      generated_from: null,
      last4: card.last4,
      networks: { available: [card.brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      wallet: null,
    },
  };
  return keep(context, method, card.behaviour);
}

export function newSepaDebit(context: Context, iban: string, billing?: Partial<BillingDetails>): PaymentMethod {
  const written = iban.replaceAll(' ', '');
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(written)) {
    throw refused('The IBAN you provided is invalid.', {
      code: 'invalid_bank_account_iban',
      param: 'sepa_debit[iban]',
    });
  }
  const method: PaymentMethod = {
    ...blank(context, billing),
    type: 'sepa_debit',
    sepa_debit: {
      bank_code: written.slice(4, 12),
      branch_code: '',
      country: written.slice(0, 2),
      fingerprint: token(16),
      generated_from: { charge: null, setup_attempt: null },
      last4: written.slice(-4),
    },
  };
  return keep(context, method, bankBehaviour(written));
}

export function newUsBankAccount(context: Context, account: string, billing?: Partial<BillingDetails>): PaymentMethod {
  const method: PaymentMethod = {
    ...blank(context, billing),
    type: 'us_bank_account',
    us_bank_account: {
      account_holder_type: 'individual',
      account_type: 'checking',
      bank_name: 'STRIPE TEST BANK',
      financial_connections_account: null,
      fingerprint: token(16),
      last4: account.slice(-4),
      networks: { preferred: 'ach', supported: ['ach'] },
      routing_number: '110000000',
      status_details: {},
    },
  };
  return keep(context, method, bankBehaviour(account));
}

function keep(context: Context, method: PaymentMethod, behaviour: Behaviour): PaymentMethod {
  behaviours.set(method, behaviour);
  return context.store.payment_method.add(method);
}

function blank(context: Context, billing: Partial<BillingDetails> = {}): Omit<PaymentMethod, 'type'> {
  const nowhere = { city: null, country: null, line1: null, line2: null, postal_code: null, state: null };
  return {
    id: context.id('pm_'),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: billing.address ?? nowhere,
      email: billing.email ?? null,
      name: billing.name ?? null,
      phone: billing.phone ?? null,
      tax_id: null,
    },
    created: context.now(),
    customer: null,
    customer_account: null,
    livemode: context.livemode,
    metadata: {},
  };
}

/** Saves a payment method to a customer; some cards are refused by the bank already here. */
export function attach(context: Context, method: PaymentMethod, customerId: string): PaymentMethod {
  if (method.customer === customerId) return method;
  if (method.customer !== null) {
    throw refused('The payment method you provided has already been attached to a customer.', {
      code: 'payment_method_unexpected_state',
    });
  }
  checkSavable(method);
  method.customer = customerId;
  context.emit('payment_method.attached', method);
  return method;
}

/** The bank's word on a card that is to be kept for later: 402 where it does not want that. */
export function checkSavable(method: PaymentMethod): void {
  const behaviour = behaviourOf(method);
  if (behaviour.kind !== 'declines' || behaviour.attachable) return;
  const { code, declineCode, message } = behaviour;
  throw new StripeError(402, 'card_error', message, {
    code,
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
  });
}
