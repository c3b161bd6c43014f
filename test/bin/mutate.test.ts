import { describe, expect, test } from 'vitest';
import type { Equivalent } from '../../bin/lib/mutate/equivalent.ts';
import { equivalent } from '../../bin/lib/mutate/equivalent.ts';
import { decisions, guards, namedBy, tablesOf } from '../../bin/lib/mutate/files.ts';
import { type Mutant, percent, scoreOf, tally, together } from '../../bin/lib/mutate/score.ts';

const file = 'src/a.ts';
const mutant: Mutant = {
  file,
  row: 1,
  line: 'return a + b;',
  code: 'a + b',
  becomes: 'a - b',
  kind: 'ArithmeticOperator',
  fate: 'noticed',
};
const survived: Mutant = { ...mutant, fate: 'survived' };
const many = (count: number, one: Mutant = mutant) => Array.from({ length: count }, () => one);
const listed: Equivalent = { file, line: mutant.line, code: 'a + b', becomes: 'a - b', reason: 'b is 0' };

describe('the files that decide', () => {
  test('each has its table, and what guards money is among them', () => {
    for (const table of decisions.flatMap(tablesOf)) expect(table).toMatch(/^test\/.*\.test\.ts$/);
    for (const each of guards) expect(decisions).toContain(each);
    for (const each of equivalent) expect(decisions).toContain(each.file);
  });

  test('are all meant by no word, and by a word those that it is part of; a word that means none is refused', () => {
    expect(namedBy([])).toEqual(decisions);
    expect(namedBy(['plan-note', 'guards'])).toEqual([
      'src/billing/adjustments/plan-note.ts',
      'src/billing/stripe-invoices/guards.ts',
    ]);
    expect(() => namedBy(['guards', 'no-such-file'])).toThrow(/no-such-file/);
  });
});

describe('what came of the changes', () => {
  test.each<[string, Mutant[], Equivalent[], { guards?: boolean; faults: RegExp[] }]>([
    ['nine of ten noticed is enough', [...many(9), survived], [], { faults: [] }],
    ['less is not', [...many(89), ...many(11, survived)], [], { faults: [/src\/a\.ts: 89\.0 %, below 90 %/] }],
    ['of what guards money too', [...many(9), survived], [], { guards: true, faults: [] }],
    ...['ConditionalExpression', 'EqualityOperator', 'LogicalOperator'].map(
      (kind): [string, Mutant[], Equivalent[], { guards: boolean; faults: RegExp[] }] => [
        `one ${kind} without a row is too many there`,
        [...many(99), { ...survived, kind }],
        [],
        { guards: true, faults: [/guards money: 1 condition/] },
      ],
    ),
    ['what is listed as equivalent does not count', [...many(9), ...many(41), survived], [listed], { faults: [] }],
    ['more than 2 % may not be listed', [...many(48), survived], [listed], { faults: [/1 of 49 .* more than 2 %/] }],
    ['a listed change that is noticed is told', many(50), [listed], { faults: [/noticed or gone: a \+ b → a - b/] }],
    [
      'so is one whose line has changed',
      [...many(99), { ...survived, line: 'return b + a;' }],
      [listed],
      { faults: [/noticed or gone/] },
    ],
    [
      'so is one that stands for another change',
      [...many(99), { ...survived, becomes: 'a * b' }],
      [listed],
      { faults: [/noticed or gone/] },
    ],
    [
      'so is one that stands for another part of the line',
      [...many(99), { ...survived, code: 'a' }],
      [listed],
      { faults: [/noticed or gone/] },
    ],
    ['the list of another file says nothing here', many(10), [{ ...listed, file: 'src/b.ts' }], { faults: [] }],
  ])('%s', (_rule, mutants, list, { guards: guarding = false, faults }) => {
    expect(tally(file, mutants, list, { guards: guarding }).faults).toEqual(
      faults.map((fault) => expect.stringMatching(fault)),
    );
  });

  test('is counted over all changes, not over files', () => {
    const good = tally(file, many(90), [], { guards: false });
    const bad = tally(file, [...many(5), ...many(5, survived)], [], { guards: false });
    expect(together([good, bad])).toEqual({ noticed: 95, survived: 5, equivalent: 0 });
  });

  test('is never rounded up to a mark', () => {
    expect(percent(scoreOf({ noticed: 9_499, survived: 501 }))).toBe('94.9 %');
    expect(percent(scoreOf({ noticed: 0, survived: 0 }))).toBe('100.0 %');
  });
});
