import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { AttemptRow } from '../../../src/billing/own-invoices/checkout-attempts.ts';
import type { OwnInvoice } from '../../../src/billing/own-invoices/invoices.ts';
import { type CheckResult, checkPayment } from '../../../src/billing/own-invoices/payment-checks.ts';
import { checkoutSession, paidAt, paymentIntent } from '../../support/stripe-objects.ts';

/**
 * An own invoice of 100.00 EUR and 19 % tax with an extra of 10.00 and 19 %, paid without the extra: 119.00. Each row says
 * what is different; everything else is as it should be, so each row stands on one condition alone.
 */
interface Differs {
  readonly session?: Partial<Stripe.Checkout.Session>;
  /** null: the session has no payment. */
  readonly intent?: Partial<Stripe.PaymentIntent> | null;
  readonly invoice?: Partial<OwnInvoice>;
  readonly attempt?: Partial<AttemptRow>;
  readonly livemode?: boolean;
  readonly usedFor?: string;
}

function check({ session, intent, invoice, attempt, livemode = false, usedFor }: Differs = {}): CheckResult {
  const amount = 11_900;
  return checkPayment({
    session: checkoutSession({
      id: 'cs_1',
      metadata: { quittance_invoice: 'inv_1' },
      client_reference_id: 'inv_1',
      amount_total: amount,
      ...session,
    }),
    intent: intent === null ? null : paymentIntent({ amount, amount_received: amount, ...intent }),
    invoice: { ...issued, ...invoice },
    attempt: { ...opened, ...attempt },
    livemode,
    usedFor: usedFor ?? null,
  });
}

const line = { description: 'Workshop', quantity: 1, unit_amount: 10_000, tax_percent: '19', optional: false };
const issued: OwnInvoice = {
  id: 'inv_1',
  status: 'issued',
  series: '2026',
  number: '2026-00001',
  customer_name: 'Green Garden Ltd',
  customer_email: null,
  customer_address: null,
  currency: 'eur',
  prices_include_tax: false,
  due_date: null,
  notes: null,
  link_version: 1,
  issued_at: new Date(paidAt * 1_000),
  paid_at: null,
  paid_amount: null,
  paid_extras: null,
  payment_intent: null,
  paid_method: null,
  payer_email: null,
  send_by_mail: false,
  voided_at: null,
  created_by: 'test',
  created_at: new Date(paidAt * 1_000),
  lines: [
    { ...line, id: 1 },
    { ...line, id: 2, description: 'Recording', unit_amount: 1_000, optional: true },
  ],
};
const opened: AttemptRow = {
  id: 1,
  invoice: 'inv_1',
  attempt: 1,
  amount: 11_900,
  currency: 'eur',
  extras: [],
  state: 'open',
  stripe_session: 'cs_1',
  url: null,
  payment_intent: null,
  session_params: null,
  refusal: null,
  created_at: new Date(paidAt * 1_000),
  expires_at: new Date((paidAt + 86_400) * 1_000),
};
/** What a session and its payment come to. */
const comesTo = (amount: number): Differs => ({
  session: { amount_total: amount },
  intent: { amount, amount_received: amount },
});

describe('a payment settles the invoice', () => {
  test.each<[string, Differs]>([
    ['that it was made for, over what that comes to', {}],
    ['in live mode, with a live key', { livemode: true, session: { livemode: true } }],
    ['with the extra that was ticked when the page was opened', { ...comesTo(13_090), attempt: { extras: [2] } }],
    ['whose prices include the tax', { ...comesTo(10_000), invoice: { prices_include_tax: true } }],
    ['that it is noted for already: it comes twice, it counts once', { usedFor: 'inv_1' }],
  ])('%s', (_what, differs) => expect(check(differs)).toMatchObject({ end: 'passed', intent: { id: 'pi_1' } }));
});

describe('a person is asked', () => {
  const otherInvoice = { check: 'invoice', expected: 'inv_1', found: 'inv_2' };
  const otherAmount = { check: 'amount', expected: 11_900 };
  const otherReceived = { check: 'amount received', expected: 11_900 };

  test.each<[string, Differs, { check: string; expected: unknown; found: unknown }]>([
    ['a test payment, and our key is live', { livemode: true }, { check: 'mode', expected: true, found: false }],
    [
      'a live payment, and our key is not',
      { session: { livemode: true } },
      { check: 'mode', expected: false, found: true },
    ],

    ['marked for another invoice', { session: { metadata: { quittance_invoice: 'inv_2' } } }, otherInvoice],
    ['marked for none', { session: { metadata: {} } }, { ...otherInvoice, found: 'none' }],
    ['without any marks', { session: { metadata: null } }, { ...otherInvoice, found: 'none' }],
    ['that refers to another invoice', { session: { client_reference_id: 'inv_2' } }, otherInvoice],
    ['that refers to none', { session: { client_reference_id: null } }, { ...otherInvoice, found: 'none' }],
    ['from the payment page of another invoice', { attempt: { invoice: 'inv_2' } }, otherInvoice],

    [
      'by another session than the one that was opened',
      { session: { id: 'cs_2' } },
      { check: 'session', expected: 'cs_1', found: 'cs_2' },
    ],
    [
      'by a session, where none was noted',
      { attempt: { stripe_session: null } },
      { check: 'session', expected: null, found: 'cs_1' },
    ],

    [
      'of a session that says paid and has no payment',
      { intent: null },
      { check: 'status', expected: 'succeeded', found: 'no payment' },
    ],
    [
      'of a session that had nothing to pay',
      { session: { payment_status: 'no_payment_required' }, intent: null },
      { check: 'status', expected: 'succeeded', found: 'no payment' },
    ],
    ...(['requires_capture', 'processing', 'canceled'] as const).map(
      (status): [string, Differs, { check: string; expected: unknown; found: unknown }] => [
        `that is ${status} under a session that says paid`,
        { intent: { status } },
        { check: 'status', expected: 'succeeded', found: status },
      ],
    ),

    ['of a session over one minor unit less', { session: { amount_total: 11_899 } }, { ...otherAmount, found: 11_899 }],
    ['of a session over one minor unit more', { session: { amount_total: 11_901 } }, { ...otherAmount, found: 11_901 }],
    ['of a session without an amount', { session: { amount_total: null } }, { ...otherAmount, found: null }],
    ['of one minor unit less', { intent: { amount_received: 11_899 } }, { ...otherReceived, found: 11_899 }],
    ['of one minor unit more', { intent: { amount_received: 11_901 } }, { ...otherReceived, found: 11_901 }],
    [
      'of which a part was captured, though the whole was authorised',
      { intent: { amount: 11_900, amount_received: 5_000 } },
      { ...otherReceived, found: 5_000 },
    ],
    [
      'with the extra, which was not ticked when the page was opened',
      comesTo(13_090),
      { ...otherAmount, found: 13_090 },
    ],
    [
      'without the extra, which was ticked',
      { attempt: { extras: [2] } },
      { ...otherAmount, expected: 13_090, found: 11_900 },
    ],
    [
      'over what the page was opened with, when the invoice comes to more',
      { invoice: { lines: [{ ...line, id: 1, unit_amount: 20_000 }] } },
      { ...otherAmount, expected: 23_800, found: 11_900 },
    ],
    [
      'of the right number in the currency of another session',
      { session: { currency: 'usd' } },
      { check: 'currency', expected: 'eur', found: 'usd' },
    ],
    [
      'of the right number in another currency',
      { intent: { currency: 'jpy' } },
      { check: 'currency', expected: 'eur', found: 'jpy' },
    ],

    [
      'that settled another invoice before',
      { usedFor: 'inv_2' },
      { check: 'payment used before', expected: 'unused', found: 'inv_2' },
    ],
  ])('about a payment %s', (_what, differs, found) => {
    expect(check(differs)).toEqual({ end: 'mismatch', ...found });
  });

  test.each<[string, Differs, string]>([
    ['open and of another mode', { livemode: true }, 'mode'],
    ['open and marked for another invoice', { session: { client_reference_id: 'inv_2' } }, 'invoice'],
    ['open and not the one that was noted', { attempt: { stripe_session: 'cs_2' } }, 'session'],
  ])('about a session that is %s: whether it is paid is not even looked at', (_what, differs, failed) => {
    const session = { ...differs.session, status: 'open', payment_status: 'unpaid' } as const;
    expect(check({ ...differs, session, intent: null })).toMatchObject({ end: 'mismatch', check: failed });
  });
});

describe('nothing is wrong and nothing is paid', () => {
  const unpaid = { payment_status: 'unpaid' } as const;

  test.each<[string, Differs, string]>([
    ['an open session', { session: { status: 'open', ...unpaid }, intent: null }, 'open'],
    [
      'an open session whose card was declined',
      { session: { status: 'open', ...unpaid }, intent: { status: 'requires_payment_method' } },
      'open',
    ],
    ['a session that ran out', { session: { status: 'expired', ...unpaid }, intent: null }, 'expired'],
    [
      'a session that ran out after its card was declined',
      { session: { status: 'expired', ...unpaid }, intent: { status: 'requires_payment_method' } },
      'expired',
    ],
    ['a debit on its way', { session: unpaid, intent: { status: 'processing', amount_received: 0 } }, 'processing'],
    ['a debit that was just given', { session: unpaid, intent: null }, 'processing'],
    ['a debit that succeeded, before its session says so', { session: unpaid, intent: {} }, 'processing'],
    [
      'a debit that came back',
      { session: unpaid, intent: { status: 'requires_payment_method', amount_received: 0 } },
      'failed',
    ],
    ['a debit that was called off', { session: unpaid, intent: { status: 'canceled', amount_received: 0 } }, 'failed'],
  ])('%s: %s', (_what, differs, state) => {
    expect(check(differs)).toEqual({ end: 'not_paid', state });
  });
});
