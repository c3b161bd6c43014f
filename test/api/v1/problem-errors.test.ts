import { describe, expect, test } from 'vitest';
import { inBody, inQuery } from '../../../src/api/v1/problem-errors.ts';

const message = 'is wrong';

describe('a field of the body', () => {
  test.each([
    ['reason', '#/reason'],
    ['lines.0.unit_amount', '#/lines/0/unit_amount'],
    ['body', '#'],
    ['a/b', '#/a~1b'],
    ['~', '#/~0'],
    ['~1', '#/~01'],
    ['100%', '#/100%25'],
    ['größe', '#/größe'],
  ])('%s is told as the pointer %s', (field, pointer) => {
    expect(inBody([{ field, message }])).toEqual([{ pointer, detail: message }]);
  });
});

test('a parameter of the query is told by its name', () => {
  expect(inQuery([{ field: 'a/b', message }])).toEqual([{ parameter: 'a/b', detail: message }]);
});

test.each([
  ['fields', inBody],
  ['parameters', inQuery],
])('of many %s the first twenty are told, with names of bounded length', (_what, told) => {
  const many = Array.from({ length: 30 }, (_, at) => ({ field: `${at}${'k'.repeat(200)}`, message }));
  const errors = told(many);
  expect(errors).toHaveLength(20);
  for (const error of errors) expect(JSON.stringify(error).length).toBeLessThan(150);
});
