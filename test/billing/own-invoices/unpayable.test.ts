import { expect, test } from 'vitest';
import { whyUnpayable, wordsOfRefusal } from '../../../src/billing/own-invoices/unpayable.ts';
import { issued } from '../../views/example-invoice.ts';

/** An invoice of one fixed amount and one extra, without tax. */
const invoice = (currency: string, fixed: number, extra: number) => ({
  ...issued,
  currency,
  lines: [
    { id: 1, description: 'Fixed', quantity: 1, unit_amount: fixed, tax_percent: '0', optional: false },
    { id: 2, description: 'Extra', quantity: 1, unit_amount: extra, tax_percent: '0', optional: true },
  ],
});

test.each<[string, number, number, number[], string | undefined]>([
  ['eur', 50, 500, [], undefined],
  ['eur', 99_999_999, 500, [], undefined],
  ['eur', 0, 500, [], 'Please tick what you would like to pay for.'],
  [
    'eur',
    30,
    500,
    [],
    'A payment by card must be at least EUR 0.50, and this comes to EUR 0.30. Please tick an extra as well, or contact us.',
  ],
  ['eur', 30, 500, [2], undefined],
  ['eur', 100, -70, [2], 'A payment by card must be at least EUR 0.50, and this comes to EUR 0.30. Please contact us.'],
  [
    'eur',
    100,
    -100,
    [2],
    'A payment by card must be at least EUR 0.50, and this comes to EUR 0.00. Please contact us.',
  ],
  [
    'eur',
    99_999_999,
    1,
    [2],
    'A payment by card can be at most EUR 999,999.99, and this comes to EUR 1,000,000.00. Please choose fewer extras, or contact us.',
  ],
  [
    'eur',
    100_000_000,
    1,
    [],
    'A payment by card can be at most EUR 999,999.99, and this comes to EUR 1,000,000.00. Please contact us.',
  ],
  [
    'kwd',
    10_511,
    10,
    [],
    'A payment by card must be a multiple of KWD 0.010, and this comes to KWD 10.511. Please contact us.',
  ],
  ['zwl', 500, 500, [], 'Amounts in ZWL can’t be paid by card. Please contact us.'],
])('%s %i with an extra of %i, of which %j is ticked: %s', (currency, fixed, extra, ticked, sentence) => {
  expect(whyUnpayable(invoice(currency, fixed, extra), ticked)).toBe(sentence);
});

test.each([
  ['amount_too_small', 'This amount is too small to be paid by card here. Please contact us; nothing was charged.'],
  ['amount_too_large', 'This amount is too large to be paid by card here. Please contact us; nothing was charged.'],
  ['url_invalid', 'This amount can’t be paid by card here. Please contact us; nothing was charged.'],
  [undefined, 'This amount can’t be paid by card here. Please contact us; nothing was charged.'],
])('Stripe’s refusal %s is told in our words', (code, words) => {
  expect(wordsOfRefusal(code)).toBe(words);
});
