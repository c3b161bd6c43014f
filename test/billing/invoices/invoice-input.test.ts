import { describe, expect, test } from 'vitest';
import { InvalidInput, parseInvoiceInput } from '../../../src/billing/invoices/invoice-input.ts';

const good = {
  customer_name: 'Green Garden',
  currency: 'EUR',
  lines: [{ description: 'Workshop', unit_amount: 1_000 }],
};

function problemsOf(change: object): string[] {
  try {
    parseInvoiceInput({ ...good, ...change });
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ field, message }) => `${field} ${message}`);
  }
}

describe('what is given for an invoice', () => {
  test('may be as little as a name, a currency and a line', () => {
    expect(parseInvoiceInput(good)).toMatchObject({
      currency: 'eur',
      prices_include_tax: false,
      lines: [{ quantity: 1, tax_percent: '0', optional: false }],
    });
  });

  test.each([
    [
      'nothing',
      { customer_name: undefined, currency: undefined, lines: undefined },
      ['customer_name is required', 'currency is required, e.g. eur', 'lines is required'],
    ],
    ['a character that the database does not hold', { notes: 'a\0b' }, ['notes may not hold the character NUL']],
    ['a currency that is none', { currency: 'xyz' }, ['currency must be an ISO currency code, e.g. eur']],
    ['a field that is none', { total: 1 }, ['total is not a field of an invoice']],
    ['nothing to pay', { lines: [{ description: 'Gift', unit_amount: 0 }] }, ['lines must come to more than zero']],
    [
      'three decimals where Stripe charges two',
      { currency: 'kwd', lines: [{ description: 'A', unit_amount: 1_001 }] },
      ['lines come to KWD 1.001 with tax: Stripe charges only multiples of KWD 0.010'],
    ],
    [
      'a currency that Stripe has not',
      { currency: 'KPW' },
      ['currency must be a currency that Stripe charges, which KPW is not'],
    ],
    [
      'an amount with a fraction',
      { lines: [{ description: 'A', unit_amount: 19.99 }] },
      ['lines.0.unit_amount must be a whole number of minor units, e.g. 1999 for 19.99'],
    ],
  ])('%s is refused by the name of the field', (_name, change, problems) => {
    expect(problemsOf(change)).toEqual(problems);
  });
});
