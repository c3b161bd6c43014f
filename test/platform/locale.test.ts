import { expect, test } from 'vitest';
import { spokenLocale } from '../../src/platform/locale.ts';

test.each([
  [null, 'en'],
  ['', 'en'],
  ['en', 'en'],
  ['EN-gb', 'en'],
  ['eng', 'en'],
  ['tlh-Latn', 'en'],
] as const)('who asks for %j is written to in %s', (asked, spoken) => {
  expect(spokenLocale(asked)).toBe(spoken);
});
