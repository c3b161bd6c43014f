import { describe, expect, test } from 'vitest';
import { bodyVerdict } from '../../../src/api/v1/body-problems.ts';

/** `{"a":{"a":…}}` or `[[…]]`, so many levels deep. */
const nested = (levels: number, wrap: (inner: unknown) => unknown): unknown =>
  Array.from({ length: levels }).reduce<unknown>((inner) => wrap(inner), 1);
const object = (inner: unknown) => ({ a: inner });
const list = (inner: unknown) => [inner];

const noText = 'holds a character that is no text';

describe('a body is refused', () => {
  test.each([
    ['objects', object],
    ['lists', list],
  ])('for more than 20 levels of %s, and not for 20', (_what, wrap) => {
    expect(bodyVerdict(nested(20, wrap))).toEqual({ tooDeep: false, problems: [] });
    expect(bodyVerdict(nested(21, wrap))).toEqual({ tooDeep: true });
    expect(bodyVerdict([1, nested(20, wrap)]), 'wherever it is').toEqual({ tooDeep: true });
  });

  test('however deep it is, without going there', () => {
    expect(bodyVerdict(nested(100_000, list))).toEqual({ tooDeep: true });
  });

  test.each<[string, unknown, string[]]>([
    ['as a whole', 'a\0', ['body']],
    ['in a field', { name: 'a\0' }, ['name']],
    ['in a list in a field', { lines: [{ description: 'a' }, { description: '\0' }] }, ['lines.1.description']],
    ['in several, each by its own name', { a: '\0', b: { c: '\0' }, d: 'x', e: '\0' }, ['a', 'b.c', 'e']],
  ])('for NUL %s', (_where, body, fields) => {
    expect(bodyVerdict(body)).toEqual({
      tooDeep: false,
      problems: fields.map((field) => ({ field, message: noText })),
    });
  });

  test('with the first 20 of its problems', () => {
    const verdict = bodyVerdict(Array(30).fill('\0'));
    expect(verdict).toMatchObject({ problems: { length: 20 } });
    expect(verdict).toMatchObject({ problems: expect.arrayContaining([{ field: '19', message: noText }]) });
  });
});

test.each([[null], [7], [true], [''], ['Ada'], [{}], [[]], [{ lines: [{ description: 'Ada', unit_amount: 1 }] }]])(
  '%j is none of that',
  (body) => expect(bodyVerdict(body)).toEqual({ tooDeep: false, problems: [] }),
);
