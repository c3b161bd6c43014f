import { beforeEach, describe, expect, test } from 'vitest';
import { rows } from '../../../src/platform/db.ts';
import { apiUnderTest } from '../../support/api.ts';
import { type ApiClient, apiClient, problemsIn } from '../../support/api-client.ts';
import { invoiceBody, recordedDraft } from '../../support/recorded-invoices.ts';

/** What POST /v1/invoices refuses, field by field. */
const { api, db } = await apiUnderTest();

/** A key per test: none comes near its rate. */
let client: ApiClient;
beforeEach(async () => {
  client = await apiClient(db, api.url);
});

const line = { description: 'Portrait', unit_amount: 1_000 };
const withLine = (more: object) => ({ lines: [{ ...line, ...more }] });

const wrong: [what: string, change: object, field: string, message: RegExp][] = [
  ['no name', { customer_name: undefined }, 'customer_name', /is required/],
  ['an empty name', { customer_name: '  ' }, 'customer_name', /is required/],
  ['a name that is no text', { customer_name: 7 }, 'customer_name', /must be text/],
  ['a long name', { customer_name: 'x'.repeat(201) }, 'customer_name', /200/],
  ['a name with a NUL', { customer_name: 'Ada\0' }, 'customer_name', /no text/],
  ['no address of a mail', { customer_email: 'ada' }, 'customer_email', /e-mail/],
  ['a long address', { customer_address: 'x'.repeat(1_001) }, 'customer_address', /1000/],
  ['no currency', { currency: undefined }, 'currency', /is required/],
  ['no such currency', { currency: 'xyz' }, 'currency', /ISO/],
  ['a currency that Stripe has not', { currency: 'cup' }, 'currency', /Stripe charges, which CUP is not/],
  ['a currency of two letters', { currency: 'eu' }, 'currency', /ISO/],
  ['a day that is none', { due_date: '2026-02-30' }, 'due_date', /day like/],
  ['a day before all days', { due_date: '0000-01-01' }, 'due_date', /day like/],
  ['a time', { due_date: '2026-12-31T00:00:00Z' }, 'due_date', /day like/],
  ['long notes', { notes: 'x'.repeat(2_001) }, 'notes', /2000/],
  ['a series with a space', { series: '20 26' }, 'series', /letters, digits/],
  ['a series that is no text', { series: 2026 }, 'series', /must be text/],
  ['a word for a switch', { prices_include_tax: 'yes' }, 'prices_include_tax', /true or false/],
  ['no lines', { lines: undefined }, 'lines', /is required/],
  ['an empty list of lines', { lines: [] }, 'lines', /at least one/],
  ['too many lines', { lines: Array(101).fill(line) }, 'lines', /100/],
  ['a line that is none', { lines: ['Portrait'] }, 'lines.0', /must be a line, e\.g\./],
  ['a line without words', withLine({ description: '' }), 'lines.0.description', /charged for/],
  ['a line with many words', withLine({ description: 'x'.repeat(501) }), 'lines.0.description', /500/],
  ['a line without a price', withLine({ unit_amount: undefined }), 'lines.0.unit_amount', /whole number/],
  ['a price with a fraction', withLine({ unit_amount: 19.99 }), 'lines.0.unit_amount', /minor units/],
  ['a price as text', withLine({ unit_amount: '1999' }), 'lines.0.unit_amount', /minor units/],
  ['a price above Stripe’s limit', withLine({ unit_amount: 100_000_000 }), 'lines.0.unit_amount', /more than Stripe/],
  ['a price far below zero', withLine({ unit_amount: -100_000_000 }), 'lines.0.unit_amount', /too small/],
  ['a quantity of nothing', withLine({ quantity: 0 }), 'lines.0.quantity', /at least 1/],
  ['a half', withLine({ quantity: 0.5 }), 'lines.0.quantity', /whole number/],
  ['a quantity beyond all bounds', withLine({ quantity: 1_000_001 }), 'lines.0.quantity', /1000000 at most/],
  ['a tax above 100', withLine({ tax_percent: '101' }), 'lines.0.tax_percent', /0 to 100/],
  ['a tax below zero', withLine({ tax_percent: -1 }), 'lines.0.tax_percent', /0 to 100/],
  ['a tax of five decimals', withLine({ tax_percent: '8.12345' }), 'lines.0.tax_percent', /4 decimals/],
  ['a tax in words', withLine({ tax_percent: 'nine' }), 'lines.0.tax_percent', /0 to 100/],
  ['an optional that is no switch', withLine({ optional: 1 }), 'lines.0.optional', /true or false/],
  ['an unknown field', { colour: 'blue' }, 'colour', /not a field/],
  ['an unknown field of a line', withLine({ colour: 'blue' }), 'lines.0.colour', /not a field/],
  ['nothing to pay', withLine({ unit_amount: 0 }), 'lines', /more than zero/],
  ['a reduction above the price', { lines: [line, { ...line, unit_amount: -2_000 }] }, 'lines', /more than zero/],
  [
    'less than Stripe charges',
    withLine({ unit_amount: 49 }),
    'lines',
    /come to EUR 0.49: Stripe charges at least EUR 0.50/,
  ],
  ['more than Stripe takes', withLine({ unit_amount: 99_999_999, quantity: 2 }), 'lines', /more than Stripe/],
  [
    'more than Stripe takes with the extras',
    { lines: [line, { ...line, optional: true, unit_amount: 99_999_000 }] },
    'lines',
    /more than Stripe/,
  ],
  [
    'a third decimal that Stripe does not charge',
    { currency: 'kwd', ...withLine({ unit_amount: 1_001 }) },
    'lines',
    /multiples of KWD 0.010/,
  ],
  ['an issue that is no switch', { issue: 'yes' }, 'issue', /true or false/],
  ['a mail that is no switch', { mail: 'yes' }, 'mail', /true or false/],
  ['a mail without an issue', { mail: true }, 'mail', /needs "issue"/],
];

const pointerTo = (field: string) => `#/${field.replaceAll('.', '/')}`;

test.each(wrong)('%s is refused, and the field is named', async (_what, change, field, message) => {
  const answer = await client.ask('POST', '/v1/invoices', invoiceBody(change));
  expect(answer.status).toBe(422);
  expect(problemsIn(answer)).toEqual({ [pointerTo(field)]: expect.stringMatching(message) });
});

test.each(['r&d@example.com', 'a/b@example.com', 'ada@bücher.example', '\u00a0ada@example.com '])(
  'an invoice for %j is made',
  async (address) => {
    const answer = await client.ask('POST', '/v1/invoices', invoiceBody({ customer_email: address }));
    expect(answer.body).toMatchObject({ customer_email: address.trim() });
  },
);

test('everything that is wrong is named at once', async () => {
  const answer = await client.ask('POST', '/v1/invoices', {
    mail: true,
    currency: 'xyz',
    lines: [{}, { unit_amount: 'x' }],
  });
  expect(Object.keys(problemsIn(answer)).sort()).toEqual([
    '#/currency',
    '#/customer_name',
    '#/lines/0/description',
    '#/lines/0/unit_amount',
    '#/lines/1/description',
    '#/lines/1/unit_amount',
    '#/mail',
  ]);
});

test('a draft that is older than the rules is not numbered, and says which field to change', async () => {
  const { id } = await recordedDraft(db, { series: 'OLDER' });
  await rows(db, `UPDATE invoices SET currency = 'cup' WHERE id = ?`, [id]);
  const answer = await client.ask('POST', `/v1/invoices/${id}/issue`, {});
  expect(answer.status).toBe(422);
  expect(problemsIn(answer)).toEqual({ '#/currency': 'must be a currency that Stripe charges, which CUP is not' });
  const created = await client.ask('POST', '/v1/invoices', { ...invoiceBody({ series: 'OLDER' }), issue: true });
  expect(created.body).toMatchObject({ number: 'OLDER-00001' });
});

describe('a body that can’t be read', () => {
  test.each([
    ['no JSON', '{"customer_name":', { 'content-type': 'application/json' }, 400, /not readable JSON/],
    ['a list', '[]', { 'content-type': 'application/json' }, 422, /some fields can’t be taken/],
    ['a word', '"draft"', { 'content-type': 'application/json' }, 400, /not readable JSON/],
    ['a form', 'customer_name=Ada', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /Send JSON/],
    [
      'more than 100 kB',
      JSON.stringify({ notes: 'x'.repeat(103_000) }),
      { 'content-type': 'application/json' },
      413,
      /larger than 100 kB/,
    ],
    ['packed', 'x', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415, /uncompressed/],
  ])('(%s) is refused in JSON', async (_what, body, headers, status, message) => {
    const answer = await client.ask('POST', '/v1/invoices', body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ detail: expect.stringMatching(message) });
  });

  test('an answer says nothing of our insides', async () => {
    const answer = await client.ask('POST', '/v1/invoices', '{"__proto__":{"a":1},"constructor":{}}');
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|at \w+ \(|select /i);
  });
});
