import { describe, expect, test } from 'vitest';
import { InvalidInput, type InvoiceInput, parseInvoiceInput } from '../../../src/billing/own-invoices/invoice-input.ts';

/** As little as an invoice can be made of. */
const line = { description: 'Workshop', unit_amount: 1_000 };
const least = { customer_name: 'Green Garden', currency: 'eur', lines: [line] };
const withLine = (says: object) => ({ lines: [{ ...line, ...says }] });
const long = (length: number) => 'x'.repeat(length);

function problemsOf(input: unknown): string[] {
  try {
    parseInvoiceInput(input);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return error.problems.map(({ field, message }) => `${field} ${message}`);
  }
}

describe('what is given for an invoice is taken', () => {
  test('as little as a name, a currency and a line', () => {
    expect(parseInvoiceInput(least)).toEqual({
      customer_name: 'Green Garden',
      currency: 'eur',
      prices_include_tax: false,
      lines: [{ description: 'Workshop', quantity: 1, unit_amount: 1_000, tax_percent: null, optional: false }],
    });
  });

  const all = {
    series: 'Shop-2026',
    customer_name: 'Green Garden',
    customer_email: 'garden@example.com',
    customer_address: '1 Lane\nYork',
    currency: 'eur',
    prices_include_tax: true,
    due_date: '2026-12-31',
    notes: 'Thank you.',
    lines: [{ description: 'Workshop', quantity: 2, unit_amount: 1_000, tax_percent: '19', optional: false }],
  };
  test('and everything that there is to say, as it was said', () => {
    expect(parseInvoiceInput(all)).toEqual(all);
  });

  test.each<[string, object, Partial<InvoiceInput> | object]>([
    ['blanks around a name', { customer_name: '  Ada\t' }, { customer_name: 'Ada' }],
    [
      'what is unseen, and what turns the text around it',
      {
        customer_name: ' Green\t\u202eGarden\u202c\n Ltd\u0007 ',
        customer_address: 'Main Street 1\r\n\u2066Berlin\u2069\r\n',
        notes: '\ufeffThank you',
        ...withLine({ description: ' Two\r\nlines\u009f ' }),
      },
      {
        customer_name: 'Green Garden Ltd',
        customer_address: 'Main Street 1\nBerlin',
        notes: 'Thank you',
        lines: [{ description: 'Two\nlines' }],
      },
    ],
    ['marks of direction, which turn nothing else', { customer_name: 'א\u200f!' }, { customer_name: 'א\u200f!' }],
    ['a name of 200 characters', { customer_name: long(200) }, { customer_name: long(200) }],
    ['a name of one', { customer_name: 'A' }, { customer_name: 'A' }],
    ['no address of a mail', { customer_email: null }, { customer_email: null }],
    ['an address of 1000 characters', { customer_address: long(1_000) }, { customer_address: long(1_000) }],
    ['no address', { customer_address: null }, { customer_address: null }],
    ['notes of 2000 characters', { notes: long(2_000) }, { notes: long(2_000) }],
    ['no notes', { notes: null }, { notes: null }],
    ['a currency in capitals', { currency: 'EUR' }, { currency: 'eur' }],
    ['no day on which it is due', { due_date: null }, { due_date: null }],
    ['the first day that there is', { due_date: '1900-01-01' }, { due_date: '1900-01-01' }],
    ['a series of one letter', { series: 'A' }, { series: 'A' }],
    ['a series of 20', { series: `9${long(18)}-` }, { series: `9${long(18)}-` }],
    ['100 lines', { lines: Array(100).fill(line) }, { lines: { length: 100 } }],
    ['a description of 500 characters', withLine({ description: long(500) }), {}],
    ['a million pieces', withLine({ quantity: 1_000_000, unit_amount: 1 }), { lines: [{ quantity: 1_000_000 }] }],
    ['the largest amount of any currency', { ...withLine({ unit_amount: 999_999_999_999 }), currency: 'idr' }, {}],
    [
      'a reduction as large',
      {
        currency: 'idr',
        lines: [{ ...line, unit_amount: 999_999_999_999, quantity: 1 }, line, { ...line, unit_amount: -1_000 }],
      },
      {},
    ],
    ['a tax as a number', withLine({ tax_percent: 8.1 }), { lines: [{ tax_percent: '8.1' }] }],
    ['a tax of four decimals', withLine({ tax_percent: '8.1234' }), { lines: [{ tax_percent: '8.1234' }] }],
    ['a tax of everything', withLine({ tax_percent: '100' }), { lines: [{ tax_percent: '100' }] }],
    ['a tax of nothing', withLine({ tax_percent: 0 }), { lines: [{ tax_percent: '0' }] }],
    ['an extra', { lines: [line, { ...line, optional: true }] }, { lines: [{ optional: false }, { optional: true }] }],
  ])('%s', (_what, says, taken) => {
    expect(parseInvoiceInput({ ...least, ...says })).toMatchObject(taken);
  });
});

const TAX = 'lines.0.tax_percent must be 0 to 100 with at most 4 decimals';
const SERIES = 'series may hold up to 20 letters, digits and -';
const DAY = 'due_date must be a day like 2026-12-31';
const WHOLE = 'lines.0.unit_amount must be a whole number of minor units, e.g. 1999 for 19.99';

describe('what is given for an invoice is refused by the name of the field', () => {
  test.each<[string, object, string[]]>([
    [
      'a name and a description without any ink',
      { customer_name: '\u202e\u200b ', ...withLine({ description: '\u200b' }) },
      ['customer_name is required', 'lines.0.description must say what is charged for'],
    ],
    [
      'nothing of what is needed',
      { customer_name: undefined, currency: undefined, lines: undefined },
      ['customer_name is required', 'currency is required, e.g. eur', 'lines is required'],
    ],
    ['a name of blanks', { customer_name: ' \t' }, ['customer_name is required']],
    ['a name that is a number', { customer_name: 7 }, ['customer_name must be text']],
    ['no name, in so many words', { customer_name: null }, ['customer_name must be text']],
    ['a name that is too long', { customer_name: long(201) }, ['customer_name may have 200 characters']],
    ['NUL in a name', { customer_name: 'a\0b' }, ['customer_name may not hold the character NUL']],
    ['NUL in notes', { notes: 'a\0b' }, ['notes may not hold the character NUL']],
    ['NUL in an address', { customer_address: 'a\0b' }, ['customer_address may not hold the character NUL']],
    ['NUL in a line', withLine({ description: 'a\0b' }), ['lines.0.description may not hold the character NUL']],
    ['an address that is too long', { customer_address: long(1_001) }, ['customer_address may have 1000 characters']],
    ['notes that are too long', { notes: long(2_001) }, ['notes may have 2000 characters']],
    [
      'a mail address that is none',
      { customer_email: 'ada' },
      ['customer_email must be an e-mail address, e.g. ada@example.com'],
    ],
    ['a currency that is none', { currency: 'xyz' }, ['currency must be an ISO currency code, e.g. eur']],
    [
      'a currency that Stripe has not',
      { currency: 'kpw' },
      ['currency must be a currency that Stripe charges, which KPW is not'],
    ],
    ['a switch in words', { prices_include_tax: 'yes' }, ['prices_include_tax must be true or false']],
    ['a series of nothing', { series: '' }, [SERIES]],
    ['a series with a blank', { series: 'a b' }, [SERIES]],
    ['a series that begins with a dash', { series: '-a' }, [SERIES]],
    ['a series in a line of its own', { series: 'a\n' }, [SERIES]],
    ['a series of 21', { series: long(21) }, [SERIES]],
    ['a series that is a number', { series: 2026 }, ['series must be text']],
    ['a day that no calendar has', { due_date: '2026-02-30' }, [DAY]],
    ['a day before all others', { due_date: '1899-12-31' }, [DAY]],
    ['a day that is a number', { due_date: 20261231 }, [DAY]],
    ['no lines', { lines: [] }, ['lines needs at least one line']],
    ['one line that stands for itself', { lines: line }, ['lines must be a list of lines']],
    ['101 lines', { lines: Array(101).fill(line) }, ['lines may have 100 lines']],
    [
      'a line in words',
      { lines: ['Workshop'] },
      ['lines.0 must be a line, e.g. {"description": "Workshop", "unit_amount": 1999}'],
    ],
    ['a line without words', withLine({ description: ' ' }), ['lines.0.description must say what is charged for']],
    ['a line without a description', withLine({ description: undefined }), ['lines.0.description is required']],
    ['a line of many words', withLine({ description: long(501) }), ['lines.0.description may have 500 characters']],
    ['no price', withLine({ unit_amount: undefined }), [WHOLE]],
    ['a price with a fraction', withLine({ unit_amount: 19.99 }), [WHOLE]],
    ['a price as text', withLine({ unit_amount: '1999' }), [WHOLE]],
    [
      'a price above that of any currency',
      withLine({ unit_amount: 1_000_000_000_000 }),
      ['lines.0.unit_amount is more than Stripe takes in one payment'],
    ],
    ['a reduction below', withLine({ unit_amount: -1_000_000_000_000 }), ['lines.0.unit_amount is too small']],
    ['no piece', withLine({ quantity: 0 }), ['lines.0.quantity must be at least 1']],
    ['half a piece', withLine({ quantity: 0.5 }), ['lines.0.quantity must be a whole number']],
    ['more than a million pieces', withLine({ quantity: 1_000_001 }), ['lines.0.quantity may be 1000000 at most']],
    ['a tax above everything', withLine({ tax_percent: '100.0001' }), [TAX]],
    ['a tax below nothing', withLine({ tax_percent: -1 }), [TAX]],
    ['a tax of five decimals', withLine({ tax_percent: '8.12345' }), [TAX]],
    ['a tax with a point and no decimals', withLine({ tax_percent: '8.' }), [TAX]],
    ['a tax with a comma', withLine({ tax_percent: '8,1' }), [TAX]],
    ['a tax of four digits', withLine({ tax_percent: '0019' }), [TAX]],
    ['a tax with its sign', withLine({ tax_percent: '19%' }), [TAX]],
    ['a tax before which something stands', withLine({ tax_percent: '+19' }), [TAX]],
    ['a tax that is a list', withLine({ tax_percent: [19] }), [TAX]],
    ['an extra in words', withLine({ optional: 'yes' }), ['lines.0.optional must be true or false']],
    ['a field that is none', { total: 1 }, ['total is not a field of an invoice']],
    ['a field of a line that is none', withLine({ price: 1 }), ['lines.0.price is not a field of an invoice']],
    ['what comes to nothing', withLine({ unit_amount: 0 }), ['lines must come to more than zero']],
    ['the second of two lines', { lines: [line, { ...line, quantity: 0 }] }, ['lines.1.quantity must be at least 1']],
    [
      'what can not be charged, by the field that makes it so',
      {
        currency: 'kwd',
        lines: [
          { ...line, unit_amount: 1_000 },
          { ...line, unit_amount: 1_001, optional: true },
        ],
      },
      ['lines.1.unit_amount comes to KWD 1.001 with tax: Stripe charges only multiples of KWD 0.010'],
    ],
    [
      'what it comes to only where every field is what it should be',
      { ...withLine({ unit_amount: 0, quantity: 0 }), currency: 'kpw' },
      ['lines.0.quantity must be at least 1'],
    ],
  ])('%s', (_what, says, problems) => {
    expect(problemsOf({ ...least, ...says })).toEqual(problems);
  });

  test.each([[undefined], [null], ['Workshop'], [[least]]])('%j, which is no object', (input) => {
    expect(problemsOf(input)).toEqual(['body must be an object with customer_name, currency and lines']);
  });

  test('in one sentence that names each of them', () => {
    expect(() => parseInvoiceInput({ ...least, customer_name: '', series: '-' })).toThrow(
      new InvalidInput([
        { field: 'series', message: 'may hold up to 20 letters, digits and -' },
        { field: 'customer_name', message: 'is required' },
      ]),
    );
    const error = new InvalidInput([
      { field: 'a', message: 'is wrong' },
      { field: 'b', message: 'is too' },
    ]);
    expect([error.name, error.message]).toEqual(['InvalidInput', 'a is wrong; b is too']);
  });
});
