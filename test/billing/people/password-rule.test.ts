import { describe, expect, test } from 'vitest';
import { passwordProblem } from '../../../src/billing/people/password-rule.ts';

describe('a password is refused', () => {
  test.each([
    ['that is short', 'x7!kQ2wz', 'at least 10 characters'],
    ['that is none', '', 'at least 10 characters'],
    ['of ten characters of which some are half of one', '👍👍👍👍👍', 'at least 10 characters'],
    ['that is endless', 'x'.repeat(201), '200 characters at most'],
    ['that everybody takes', 'password123', 'guessed first'],
    ['in other letters', 'P@ssw0rd123', 'guessed first'],
    ['of ten spaces', '          ', 'guessed first'],
    ['of one letter', 'aaaaaaaaaaaa', 'guessed first'],
    ['of digits in a row', '1234567890', 'guessed first'],
    ['of keys in a row', 'qwertyuiop', 'guessed first'],
    ['of keys up and down', '1q2w3e4r5t', 'guessed first'],
    ['of a common one twice', 'hunter2hunter2', 'guessed first'],
    ['of a word and a year', 'sunshine2024', 'guessed first'],
    ['of a season, a year and a mark', 'Summer2026!', 'guessed first'],
    ['of the name', 'ada.lovelace', 'guessed first'],
    ['of half the name with digits', 'lovelace1815', 'guessed first'],
    ['of the product', 'quittance123', 'guessed first'],
  ])('%s: %s', async (_what, password, problem) => {
    expect(await passwordProblem(password, 'ada.lovelace')).toContain(problem);
  });
});

test.each([
  'correct horse battery',
  'a long enough password',
  'another password',
  'clay and fire 1260',
  'kj3hf8sk2m',
  'Zoë’s pässword',
  'x7!kQ2wz 4',
  `${'k3'.repeat(3)} umbrella ${'tulip '.repeat(20)}`,
])('%s is taken', async (password) => {
  expect(await passwordProblem(password, 'ada')).toBeUndefined();
});
