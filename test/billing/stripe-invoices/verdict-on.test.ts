import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../../src/billing/own-invoices/confirm-checkout.ts';
import type { PaymentDecision } from '../../../src/billing/payments/payment-decisions.ts';
import type { Verdict } from '../../../src/billing/payments/verdict.ts';
import { DEFAULT_POLICY } from '../../../src/billing/policy/policy.ts';
import type { Purpose } from '../../../src/billing/stripe-invoices/purpose.ts';
import { type Known, verdictOn } from '../../../src/billing/stripe-invoices/verdict-on.ts';
import { payment } from '../../support/stripe-objects.ts';
import { issued } from '../../views/example-invoice.ts';

/** Whose word counts about a payment: a person's who wants no invoice, an invoice that was begun, the own invoice, the rest. */
const sale: Purpose = { of: 'sale' };
const decided = (verdict: PaymentDecision['verdict']): PaymentDecision => ({
  verdict,
  reason: 'the customer asked',
  decided_by: 'admin:ada',
});
const ofOwn = (end: Confirmation): Purpose => ({ of: 'own_invoice', end });
const paidOwn = ofOwn({ end: 'paid', invoice: { ...issued, number: '2026-00001' }, paymentIntent: 'pi_1' });

interface Case {
  readonly purpose?: Purpose;
  readonly known?: Partial<Known>;
  readonly ownPayments?: boolean;
  readonly status?: 'succeeded' | 'processing';
}

function verdict({ purpose = sale, known = {}, ownPayments = true, status = 'succeeded' }: Case): Verdict {
  const all: Known = { begun: undefined, decision: undefined, row: { reason: null, rule: null }, ...known };
  return verdictOn(purpose, payment({ intent: { status } }), all, {
    livemode: false,
    policy: { ...DEFAULT_POLICY, invoicing: { settlement: 'out_of_band', own_payments: ownPayments } },
  });
}

describe('the word is', () => {
  const begun = { id: 1 };
  test.each<[string, Case, Verdict]>([
    ['the rules’, of a sale', {}, { action: 'invoice', reason: 'no rule applies: the default decides' }],
    [
      'a person’s, who wants none',
      { known: { decision: decided('skip') } },
      { action: 'skip', reason: 'admin:ada decided: the customer asked' },
    ],
    [
      'a person’s, who wants none although it was begun',
      { known: { begun, decision: decided('skip') } },
      { action: 'skip', reason: 'admin:ada decided: the customer asked' },
    ],
    [
      'Stripe’s, as long as there is no money to skip',
      { status: 'processing', known: { decision: decided('skip') } },
      { action: 'wait', reason: 'the payment is processing' },
    ],
    ['the invoice’s that was begun', { known: { begun } }, { action: 'invoice', reason: 'its invoice was begun' }],
    [
      'the invoice’s that was begun by a rule',
      { known: { begun, row: { reason: 'courses', rule: 'courses' } } },
      { action: 'invoice', reason: 'courses', rule: 'courses' },
    ],
    [
      'a person’s, who wants one line, of an invoice that was begun',
      { known: { begun, decision: decided('invoice_in_one_line') } },
      { action: 'invoice', reason: 'its invoice was begun', inOneLine: true },
    ],
    [
      'the own invoice’s that was settled already',
      { purpose: ofOwn({ end: 'unapplied', invoice: issued, reason: 'it was paid already' }) },
      { action: 'skip', reason: 'it was paid already' },
    ],
    [
      'the own invoice’s that does not fit, whatever a person wants of its document',
      {
        purpose: ofOwn({ end: 'mismatch', invoice: issued, reason: 'the amount differs' }),
        known: { decision: decided('invoice') },
      },
      { action: 'review', reason: 'the amount differs' },
    ],
    [
      'the setting’s, of a paid own invoice',
      { purpose: paidOwn, ownPayments: false },
      {
        action: 'skip',
        reason:
          'it paid our invoice 2026-00001, and the policy makes no Stripe invoice of that (invoicing.own_payments)',
      },
    ],
    [
      'the rules’, of a paid own invoice that gets its document',
      { purpose: paidOwn },
      { action: 'invoice', reason: 'no rule applies: the default decides' },
    ],
  ])('%s', (_whose, given, expected) => {
    expect(verdict(given)).toEqual(expected);
  });
});
