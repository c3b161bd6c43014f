import { expect, test } from 'vitest';
import { questionFacts } from '../../../../src/api/console/parts/question-facts.ts';

/** What a question tells → what a bookkeeper reads: no minor units, no names of fields, no JSON where it can be said. */
const table: [what: string, details: Record<string, unknown>, read: Record<string, string>][] = [
  ['amounts with their currency', { amount: 4_999, currency: 'eur' }, { Amount: 'EUR 49.99' }],
  [
    'what was compared',
    { expected: 5_000, found: 3_200, currency: 'jpy' },
    { Expected: 'JPY 5,000', Found: 'JPY 3,200' },
  ],
  [
    'two currencies',
    { expected: 1_000, found: 900, currency: 'eur', found_currency: 'usd' },
    { Expected: 'EUR 10.00', Found: 'USD 9.00' },
  ],
  [
    'a session that found nothing',
    { expected: 1_000, found: null, currency: 'eur', found_currency: null },
    { Expected: 'EUR 10.00' },
  ],
  [
    'totals',
    { expected: { total: 1_190, currency: 'eur' }, found: { total: 1_191, currency: 'eur' } },
    { Expected: 'EUR 11.90', Found: 'EUR 11.91' },
  ],
  [
    'a currency that should be another',
    { amount: 700, found: 'usd', expected: 'eur' },
    { Amount: 'USD 7.00', Found: 'usd', Expected: 'eur' },
  ],
  [
    'what is open of an invoice',
    { invoice: 'in_1', amount_paid: 0, amount_remaining: 2_500, currency: 'eur' },
    { Invoice: 'in_1', 'Amount paid': 'EUR 0.00', 'Amount remaining': 'EUR 25.00' },
  ],
  ['a balance', { starting_balance: -500, ending_balance: null, currency: 'eur' }, { 'Starting balance': 'EUR -5.00' }],
  ['what was compared and is no amount', { expected: 'paid', found: 'open' }, { Expected: 'paid', Found: 'open' }],
  ['amounts of an older release, without a currency', { amount_paid: 100 }, { 'Amount paid': '100' }],
  ['a currency alone', { currency: 'eur' }, { Currency: 'eur' }],
  ['yes and no', { attempts_used_up: true, is_live: false }, { 'Attempts used up': 'yes', 'Is live': 'no' }],
  ['numbers', { tries: 9 }, { Tries: '9' }],
  ['what can’t be an amount', { amount: 1.5, currency: 'eur' }, { Amount: '1.5', Currency: 'eur' }],
  ['anything else', { of_stripe: { deep: [1] } }, { 'Of stripe': '{"deep":[1]}' }],
];

test.each(table)('%s', (_what, details, read) => {
  expect(Object.fromEntries(questionFacts(details).map(({ name, value }) => [name, value]))).toEqual(read);
});

test('texts may lead to where they are shown, and nothing else does', () => {
  const facts = questionFacts({ invoice: 'inv_1', amount: 1, currency: 'eur', sure: true, deep: {} });
  expect(facts.map(({ name, mayLead }) => [name, mayLead])).toEqual([
    ['Invoice', true],
    ['Amount', false],
    ['Sure', false],
    ['Deep', false],
  ]);
});

test('what was expected stands before what was found, whatever the order in which they are kept', () => {
  const facts = questionFacts({ check: 'amount', found: 1, session: 'cs_1', invoice: 'inv_1', expected: 2 });
  expect(facts.map(({ name }) => name)).toEqual(['Invoice', 'Check', 'Expected', 'Found', 'Session']);
});

test('what is long is cut', () => {
  expect(questionFacts({ body: { text: 'x'.repeat(5_000) } })[0]?.value).toHaveLength(2_000);
});
