import { expect, test } from 'vitest';
import { draftInput } from '../../../../src/api/console/drafts/draft-input.ts';
import type { TypedDraft } from '../../../../src/api/console/drafts/typed-draft.ts';
import { BODY_LIMITS } from '../../../../src/api/http/body-limits.ts';

const line = { description: 'Workshop', quantity: '', unit_amount: '30', tax_percent: '', optional: false };
const draft: TypedDraft = {
  customer_name: 'Ada Example',
  customer_email: '',
  customer_address: '',
  currency: 'eur',
  prices_include_tax: false,
  due_date: '',
  series: '',
  notes: '',
  lines: [line],
};

test.each([
  ['19', '19'],
  ['19%', '19'],
  ['8,1 %', '8.1'],
  ['', null],
])('a tax of "%s" is %s', (typed, tax) => {
  const read = draftInput({ ...draft, lines: [{ ...line, tax_percent: typed, description: typed || 'none' }] });
  expect(read).toMatchObject({ input: { lines: [{ tax_percent: tax }] } });
});

test('a tax of "19 % %" is none', () => {
  expect(draftInput({ ...draft, lines: [{ ...line, tax_percent: '19 % %' }] })).toEqual({
    problems: [{ field: 'lines.0.tax_percent', message: 'must be 0 to 100 with at most 4 decimals' }],
  });
});

/** Of each field of a draft and of a line. A form may be as long as this, and nobody waits for it. */
const longest = BODY_LIMITS.consoleForm - 1_000;
const long = [
  `1${' '.repeat(longest)}x`,
  `1${'\t'.repeat(longest)}%x`,
  '1,'.repeat(longest / 2),
  '@.'.repeat(longest / 2),
];
const fields = ['customer_name', 'customer_email', 'customer_address', 'currency', 'due_date', 'series', 'notes'];
const ofLine = ['description', 'quantity', 'unit_amount', 'tax_percent'];

test('what a form may be filled with is read in a moment, whatever it is', () => {
  const begun = performance.now();
  for (const text of long) {
    for (const field of fields) draftInput({ ...draft, [field]: text });
    for (const field of ofLine) draftInput({ ...draft, lines: [{ ...line, [field]: text }] });
  }
  expect(performance.now() - begun).toBeLessThan(10_000);
});
