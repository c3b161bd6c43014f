import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { eligibility, verdictOfPerson } from '../../../src/billing/payments/eligibility.ts';
import {
  type EligibilityRules,
  eligibilityRules,
  INVOICE_EVERYTHING,
} from '../../../src/billing/policy/eligibility-rules.ts';
import type { Payment } from '../../../src/stripe/payment.ts';
import { checkoutSession, invoiceCreation, lineItem, payment, price } from '../../support/stripe-objects.ts';

function verdictOn(parts: Parameters<typeof payment>[0], { rules = INVOICE_EVERYTHING, livemode = false } = {}) {
  return eligibility(payment(parts), { rules, livemode });
}

function document(madeFor: string) {
  return { invoice: 'in_ours', number: 'A-0001', madeFor, overpaid: 0, currency: 'eur' };
}

describe('without rules', () => {
  test('a one-off payment gets its invoice', () => {
    expect(verdictOn({})).toEqual({ action: 'invoice', reason: 'no rule applies: the default decides' });
    expect(verdictOn({ session: checkoutSession() }).action).toBe('invoice');
  });

  test('a payment of the other mode is skipped, whichever mode the key has', () => {
    expect(verdictOn({ intent: { livemode: true } })).toMatchObject({
      action: 'skip',
      reason: 'the payment is in live mode, the key is not',
    });
    expect(verdictOn({}, { livemode: true })).toMatchObject({
      action: 'skip',
      reason: 'the payment is in test mode, the key is not',
    });
    expect(verdictOn({ intent: { livemode: true } }, { livemode: true }).action).toBe('invoice');
  });

  test('a payment that Stripe has invoiced is skipped, and the invoice noted', () => {
    expect(verdictOn({ invoices: ['in_theirs'] })).toEqual({
      action: 'skip',
      reason: 'Stripe has its own invoice for this payment',
      foreignInvoice: 'in_theirs',
    });
    const invoices = ['in_ours', 'in_theirs'];
    expect(verdictOn({ invoices, documents: [document('pi_1')] })).toMatchObject({ foreignInvoice: 'in_theirs' });
  });

  test('a document of ours is never an invoice of Stripe: of this payment it is its own, whatever the rules say', () => {
    const attached = { invoices: ['in_ours'], documents: [document('pi_1')] };
    const own = { action: 'invoice', reason: 'its invoice was begun' };
    expect(verdictOn(attached)).toEqual(own);
    expect(verdictOn(attached, { rules: { rules: [], otherwise: 'skip' } })).toEqual(own);
    const both = { invoices: ['in_ours'], documents: [document('pi_other'), document('pi_1')] };
    expect(verdictOn(both)).toEqual(own);
  });

  test('of another payment it was paid twice, once the money is there', () => {
    const again = { invoices: ['in_ours'], documents: [document('pi_other')] };
    expect(verdictOn(again)).toEqual({
      action: 'skip',
      reason: 'it paid our invoice in_ours, which documents payment pi_other',
      paidAgain: document('pi_other'),
    });
    expect(verdictOn({ ...again, intent: { status: 'requires_payment_method' } })).toEqual({
      action: 'wait',
      reason: 'the payment is requires_payment_method',
    });
    expect(verdictOn({ ...again, intent: { livemode: true } })).not.toHaveProperty('paidAgain');
  });

  test.each(['subscription', 'setup'] as const)('a %s checkout is skipped', (mode) => {
    expect(verdictOn({ session: checkoutSession({ mode }) })).toMatchObject({
      action: 'skip',
      reason: expect.stringContaining(mode),
    });
  });

  test('a checkout with invoice_creation is skipped even before its invoice is there', () => {
    expect(verdictOn({ session: checkoutSession({ invoice_creation: invoiceCreation }) })).toMatchObject({
      action: 'skip',
      reason: expect.stringMatching(/invoice_creation/),
    });
    expect(
      verdictOn({ session: checkoutSession({ invoice_creation: { ...invoiceCreation, enabled: false } }) }).action,
    ).toBe('invoice');
  });

  test.each(['processing', 'requires_payment_method', 'requires_action', 'requires_capture', 'canceled'] as const)(
    'a payment that is %s waits: a later event decides',
    (status) => {
      expect(verdictOn({ intent: { status, amount_received: 0 } })).toEqual({
        action: 'wait',
        reason: `the payment is ${status}`,
      });
    },
  );

  test('nothing received is nothing to invoice', () => {
    expect(verdictOn({ intent: { amount_received: 0 } })).toMatchObject({
      action: 'skip',
      reason: 'nothing was received',
    });
  });

  test('what Stripe has invoiced is skipped before its money is there', () => {
    expect(verdictOn({ intent: { status: 'processing' }, invoices: ['in_theirs'] }).action).toBe('skip');
  });
});

describe('one condition of a rule', () => {
  type Case = [when: object, fits: Partial<Payment> | object, not: object];
  const course = { lineItems: [lineItem({ description: 'Course: Oils', price: price('prod_a') })] };
  const cases: Record<string, Case> = {
    'metadata of the payment intent': [
      { metadata: { kind: 'course' } },
      { intent: { metadata: { kind: 'course' } } },
      { intent: { metadata: { kind: 'Course' } } },
    ],
    'metadata of the session': [
      { metadata: { kind: 'course' } },
      { session: checkoutSession({ metadata: { kind: 'course' } }) },
      { session: checkoutSession({ metadata: { other: 'course' } }) },
    ],
    'metadata of the intent before that of the session': [
      { metadata: { kind: 'course' } },
      { intent: { metadata: { kind: 'course' } }, session: checkoutSession({ metadata: { kind: 'book' } }) },
      { intent: { metadata: { kind: 'book' } }, session: checkoutSession({ metadata: { kind: 'course' } }) },
    ],
    'several metadata keys, all of them': [
      { metadata: { kind: 'course', school: ['a', 'b'] } },
      { intent: { metadata: { kind: 'course', school: 'b' } } },
      { intent: { metadata: { kind: 'course' } } },
    ],
    'a regular expression': [
      { metadata: { email: '/@school\\.example$/i' } },
      { intent: { metadata: { email: 'Ada@School.Example' } } },
      { intent: { metadata: { email: 'ada@schoolXexample' } } },
    ],
    'a text with signs of a regular expression, to the letter': [
      { description: 'Course (a.b) + extras?' },
      { intent: { description: 'Course (a.b) + extras?' } },
      { intent: { description: 'Course (aXb) + extras?' } },
    ],
    'the whole text and not a part': [
      { description: 'Course' },
      { intent: { description: 'Course' } },
      { intent: { description: 'Course for two' } },
    ],
    'product of any line item': [
      { product: ['prod_z', 'prod_a'] },
      course,
      { lineItems: [lineItem({ price: price('prod_b') })] },
    ],
    'a product that Stripe tells all of': [
      { product: 'prod_a' },
      { lineItems: [lineItem({ price: { ...price(''), product: whole('prod_a') } })] },
      { lineItems: [lineItem({ price: { ...price(''), product: whole('prod_b') } })] },
    ],
    'any product, if only there is one': [{ product: '/.*/' }, course, { lineItems: [lineItem({ price: null })] }],
    'any description, if only there is one': [
      { description: '/.*/' },
      course,
      { lineItems: [lineItem({ description: null })] },
    ],
    'any value of a key, if only it is there': [
      { metadata: { kind: '/.*/' } },
      { intent: { metadata: { kind: '' } } },
      { intent: { metadata: { other: 'course' } } },
    ],
    'description of a line item': [{ description: '/^Course/' }, course, { lineItems: [] }],
    'amount from': [{ amount: { from: 1_000 } }, {}, { intent: { amount_received: 999 } }],
    'amount to': [{ amount: { to: 1_000 } }, {}, { intent: { amount_received: 1_001 } }],
    currency: [{ currency: ['eur', 'chf'] }, {}, { intent: { currency: 'usd' } }],
    'a line item without a price': [{ product: 'prod_a' }, course, { lineItems: [lineItem({ price: null })] }],
    'every condition at once': [
      { currency: 'eur', amount: { from: 1 }, metadata: { kind: 'course' }, livemode: false },
      { intent: { metadata: { kind: 'course' } } },
      { intent: { metadata: { kind: 'course' }, currency: 'usd' } },
    ],
    'no condition': [{}, {}, { intent: { livemode: true } }],
  };

  test.each(Object.entries(cases))('%s', (_name, [when, fits, not]) => {
    const rules = rulesOf({ rules: [{ name: 'the rule', action: 'review', when }], otherwise: 'invoice' });
    expect(verdictOn(fits, { rules })).toEqual({ action: 'review', reason: 'the rule', rule: 'the rule' });
    expect(verdictOn(not, { rules }).action).not.toBe('review');
  });
});

test('a rule for live payments leaves those of a test key to others, and the other way round', () => {
  for (const livemode of [true, false]) {
    const rules = rulesOf({ rules: [{ name: 'a', action: 'review', when: { livemode } }], otherwise: 'invoice' });
    expect(verdictOn({ intent: { livemode } }, { rules, livemode }).action).toBe('review');
    expect(verdictOn({ intent: { livemode: !livemode } }, { rules, livemode: !livemode }).action).toBe('invoice');
  }
});

describe('several rules', () => {
  const rules = rulesOf({
    rules: [
      { name: 'gifts are free of invoices', action: 'skip', when: { metadata: { kind: 'gift' } } },
      { name: 'large sums are looked at', action: 'review', when: { amount: { from: 100_000 } } },
      { name: 'courses', action: 'invoice', when: { metadata: { kind: ['course', 'gift'] } } },
    ],
    otherwise: 'skip',
  });

  test('the first that fits decides, and is the recorded reason', () => {
    const gift = { intent: { metadata: { kind: 'gift' }, amount_received: 200_000 } };
    expect(verdictOn(gift, { rules })).toMatchObject({ action: 'skip', rule: 'gifts are free of invoices' });
    const large = { intent: { metadata: { kind: 'course' }, amount_received: 100_000 } };
    expect(verdictOn(large, { rules })).toMatchObject({ action: 'review', rule: 'large sums are looked at' });
  });

  test('when none fits the default decides, and no rule is recorded', () => {
    expect(verdictOn({}, { rules })).toEqual({ action: 'skip', reason: 'no rule applies: the default decides' });
  });

  test('no rule can invoice what must always be skipped', () => {
    const all = rulesOf({ rules: [{ name: 'all', action: 'invoice' }], otherwise: 'invoice' });
    expect(verdictOn({ invoices: ['in_theirs'] }, { rules: all }).action).toBe('skip');
    expect(verdictOn({ intent: { livemode: true } }, { rules: all }).action).toBe('skip');
  });
});

/** A product as Stripe tells it when it is expanded. */
function whole(id: string): Stripe.Product {
  return {
    id,
    object: 'product',
    active: true,
    created: 0,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: 'Course',
    package_dimensions: null,
    shippable: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    updated: 0,
    url: null,
  };
}

function rulesOf(file: unknown): EligibilityRules {
  return eligibilityRules.parse(file);
}

describe('what a person has decided', () => {
  const decided = { reason: 'agreed by phone', decided_by: 'admin:ada' };
  const reason = 'admin:ada decided: agreed by phone';

  test.each([
    ['skip', { action: 'skip', reason }],
    ['invoice', { action: 'invoice', reason }],
    ['invoice_in_one_line', { action: 'invoice', reason, inOneLine: true }],
  ] as const)('%s', (verdict, expected) => {
    expect(verdictOfPerson({ verdict, ...decided })).toEqual(expected);
  });
});
