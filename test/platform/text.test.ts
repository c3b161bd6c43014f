import { describe, expect, test } from 'vitest';
import { cut, hasUnprintable, printable, printableLine } from '../../src/platform/text.ts';

describe('what is shown of a text', () => {
  test.each([
    ['a plain name', 'Ada Example', 'Ada Example'],
    ['letters of any script', 'Жанна Ωμέγα 山田 أحمد', 'Жанна Ωμέγα 山田 أحمد'],
    ['NUL', 'Ada\0 Example', 'Ada Example'],
    ['an escape sequence of a terminal', '\u001b[31mAda', '[31mAda'],
    ['DEL and a C1 control', 'A\u007fd\u009ba', 'Ada'],
    ['a right-to-left override', 'invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['embeddings and their end', '\u202AAda\u202B Example\u202C', 'Ada Example'],
    ['isolates and their end', '\u2066Ada\u2067 \u2068Example\u2069', 'Ada Example'],
    ['marks of direction, which Hebrew and Arabic need', 'א\u200Fב\u200Eג\u061C', 'א\u200Fב\u200Eג\u061C'],
    ['joiners, which Persian and emoji need', 'نمی\u200Cخواهم 👩\u200D🎨', 'نمی\u200Cخواهم 👩\u200D🎨'],
    ['half a surrogate pair', 'Ada \uD83D', 'Ada \uFFFD'],
    ['a byte order mark', '\uFEFFAda', 'Ada'],
    ['ends of lines', 'a\r\nb\rc\nd\u2028e\u2029f\u0085g', 'a\nb\nc\nd\ne\nf\ng'],
    ['a tab', 'a\tb', 'a\tb'],
  ])('%s', (_what, typed, shown) => {
    expect(printable(typed)).toBe(shown);
    expect(hasUnprintable(shown)).toBe(false);
  });

  test.each([
    ['lines', 'Ada\r\nBcc: eve@example.com', 'Ada Bcc: eve@example.com'],
    ['tabs and many blanks, also wide ones', ' Ada\t\u3000  Example ', 'Ada Example'],
    ['nothing that shows', '\u202E\0 \n', ''],
  ])('in one line: %s', (_what, typed, shown) => {
    expect(printableLine(typed)).toBe(shown);
  });

  test.each([
    ['Ada', false],
    ['Ada\nExample', false],
    ['Ada\u0007', true],
    ['Ada\u202E', true],
    ['Ada\uDC00', true],
  ])('%j holds what can not be shown: %s', (text, holds) => {
    expect([hasUnprintable(text), hasUnprintable(text)]).toEqual([holds, holds]);
  });
});

describe('a text that is cut', () => {
  const family = '👩‍👩‍👧';
  test.each([
    ['fits', 'Ada', 3, 'Ada'],
    ['is one too long', 'Adam', 3, 'Ad…'],
    ['loses a blank before the dots', 'Ada Example', 5, 'Ada…'],
    ['never ends in half a surrogate pair', 'ab💶💶', 4, 'ab…'],
    ['keeps a pair that fits whole', 'ab💶💶', 5, 'ab💶…'],
    ['keeps what people see as one character whole', `ab${family}cd`, 6, 'ab…'],
    ['and takes it where it fits', `ab${family}cd`, 3 + family.length, `ab${family}…`],
    ['keeps an accent with its letter', 'aae\u0301e\u0301', 5, 'aae\u0301…'],
    ['and drops both where the accent does not fit', 'aae\u0301e\u0301', 4, 'aa…'],
    ['is cut within a character that has no end', `a${'\u0301'.repeat(100)}`, 10, `a${'\u0301'.repeat(8)}…`],
    ['as many code points of it as fit', `${'💶\u200D'.repeat(50)}`, 4, '💶\u200D…'],
    ['but not within one of its code points', `${'💶\u200D'.repeat(50)}`, 5, '💶\u200D…'],
  ])('%s', (_what, text, most, shown) => {
    expect(cut(text, most)).toBe(shown);
    expect(shown.length).toBeLessThanOrEqual(most);
    expect(shown.isWellFormed()).toBe(true);
  });

  test('of any length costs no more than its limit', () => {
    expect(cut('💶'.repeat(2_000_000), 500)).toHaveLength(499);
  });
});
