import { describe, expect, test } from 'vitest';
import {
  documentHead,
  documentLines,
  documentText,
  type TextField,
} from '../../../src/billing/stripe-invoices/document-text.ts';

const long = (length: number) => 'x'.repeat(length);

describe('a text on a document', () => {
  test.each<[TextField, number]>([
    ['name', 256],
    ['businessName', 150],
    ['addressPart', 5_000],
    ['line', 500],
    ['memo', 1_500],
    ['customFieldName', 40],
    ['customFieldValue', 140],
  ])('%s: as it is with %i characters, cut with one more', (field, most) => {
    expect(documentText(long(most), field)).toBe(long(most));
    expect(documentText(long(most + 1), field)).toBe(`${long(most - 1)}…`);
    // Stripe may count code points: a text of pairs is never longer for it.
    expect(documentText('💶'.repeat(most), field)?.length).toBeLessThanOrEqual(most);
  });

  test.each<[TextField, string]>([
    ['name', 'a b'],
    ['addressPart', 'a b'],
    ['customFieldName', 'a b'],
    ['customFieldValue', 'a b'],
    ['line', 'a\nb'],
    ['memo', 'a\nb'],
  ])('%s: what can not be shown is left out, and lines are kept where there may be several', (field, shown) => {
    expect(documentText(' a\r\nb\u202E\u0007 ', field)).toBe(shown);
  });

  test.each([null, undefined, '', '  ', '\u202E\0'])('%j is nothing to show', (text) => {
    expect(documentText(text, 'name')).toBeUndefined();
    expect(documentText(text, 'memo')).toBeUndefined();
  });
});

test('lines are told by their descriptions, amounts are untouched; one without any is an item', () => {
  const lines = [
    { description: long(900), amount: 1 },
    { description: '\u202E', amount: 2 },
    { amount: 3, quantity: 1 },
  ];
  expect(documentLines(lines)).toEqual([
    { description: `${long(499)}…`, amount: 1 },
    { description: 'Item', amount: 2 },
    { description: 'Item', amount: 3, quantity: 1 },
  ]);
});

describe('what stands above the lines', () => {
  const field = (name: string) => ({ name, value: 'v' });

  test('a memo of 1,501 characters is cut, an empty one left out', () => {
    expect(documentHead({ effective_at: 1, description: long(1_501) }, null)).toEqual({
      effective_at: 1,
      description: `${long(1_499)}…`,
    });
    expect(documentHead({ effective_at: 1, description: ' ' }, undefined)).toEqual({ effective_at: 1 });
    expect(documentHead({ effective_at: 1 }, [field('po')]), 'nothing to add').toEqual({ effective_at: 1 });
  });

  test.each([
    ['none of ours: those of the customer come by themselves', [], ['po'], undefined],
    ['ours alone', ['a'], [], ['a']],
    ['ours, and after them those of the customer', ['a'], ['po'], ['a', 'po']],
    ['four at the most', ['a', 'b', 'c'], ['po', 'x'], ['a', 'b', 'c', 'po']],
    ['one without a value is none', ['', 'a'], [], ['a']],
  ])('custom fields: %s', (_what, ours, theirs, shown) => {
    const head = documentHead({ custom_fields: ours.map(field) }, theirs.map(field));
    expect(head.custom_fields).toEqual(shown?.map(field));
  });
});
