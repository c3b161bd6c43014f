import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { InvalidInput } from '../../src/billing/own-invoices/invoice-input.ts';
import { fieldAt, problemsOfIssues, toldProblems } from '../../src/platform/field-problems.ts';

const long = 'k'.repeat(60_000);

describe('what is told of an input is bounded, whatever was sent', () => {
  test('twenty problems at most, in the order in which they were found', () => {
    const problems = Array.from({ length: 6_000 }, (_, at) => ({ field: `lines.${at}`, message: 'is wrong' }));
    expect(toldProblems(problems)).toEqual(problems.slice(0, 20));
  });

  test('names of 100 characters and messages of 300', () => {
    const [told] = toldProblems([{ field: long, message: long }]);
    expect(told).toEqual({ field: `${'k'.repeat(99)}…`, message: `${'k'.repeat(299)}…` });
  });

  test('a character of two halves is not cut in two', () => {
    const [told] = toldProblems([{ field: `${'k'.repeat(98)}😀😀`, message: 'is wrong' }]);
    expect(told?.field.isWellFormed()).toBe(true);
  });

  test.each([
    ['unknown fields at the top', Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`k${at}`, 1]))],
    ['unknown fields of many lines', { lines: Array.from({ length: 99 }, () => ({ [long]: 1 })) }],
    ['many wrong lines', { lines: Array(9_000).fill(7) }],
  ])('%s', (_what, input) => {
    const schema = z.strictObject({ lines: z.array(z.strictObject({})).optional() });
    const problems = problemsOfIssues(schema.safeParse(input).error?.issues ?? [], 'is not known');
    expect(problems.length).toBeLessThanOrEqual(20);
    expect(problems.length).toBeGreaterThan(0);
    expect(new InvalidInput(problems).message.length).toBeLessThan(20 * 420);
  });

  test('each unknown field is named where it stands, and everything else is told in its own words', () => {
    const schema = z.strictObject({ name: z.string('is required'), lines: z.array(z.strictObject({})) });
    const { error } = schema.safeParse({ lines: [{ a: 1, b: 2 }], c: 3 });
    expect(problemsOfIssues(error?.issues ?? [], 'is not known')).toEqual([
      { field: 'name', message: 'is required' },
      { field: 'lines.0.a', message: 'is not known' },
      { field: 'lines.0.b', message: 'is not known' },
      { field: 'c', message: 'is not known' },
    ]);
  });

  test.each([
    [[], 'body'],
    [['lines', 0, 'unit_amount'], 'lines.0.unit_amount'],
    [['lines', long], `lines.${'k'.repeat(99)}…`],
  ])('the way %# is told', (path, told) => {
    expect(fieldAt(path)).toBe(told);
  });
});
