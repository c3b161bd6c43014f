import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadEligibilityRules, matcherOf } from '../../../src/billing/policy/eligibility-rules.ts';
import { ConfigError } from '../../../src/platform/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'eligibility-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(content: string): string {
  const path = join(folder, 'rules.json');
  writeFileSync(path, content);
  return path;
}

function complaintAbout(content: string): string {
  try {
    loadEligibilityRules(fileWith(content));
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return 'no complaint';
}

const rule = (fields: object) =>
  JSON.stringify({ rules: [{ name: 'a', action: 'skip', ...fields }], otherwise: 'skip' });

test('no file means that every one-off payment gets its invoice', () => {
  expect(loadEligibilityRules(undefined)).toEqual({ rules: [], otherwise: 'invoice' });
});

test('a rule without conditions is read as one that always holds', () => {
  expect(loadEligibilityRules(fileWith(rule({})))).toEqual({
    rules: [{ name: 'a', action: 'skip', when: {} }],
    otherwise: 'skip',
  });
});

test.each(['invoice', 'skip', 'review'])('%s is something that a rule, or the lack of one, can lead to', (action) => {
  const file = { rules: [{ name: 'a', action, when: {} }], otherwise: action };
  expect(loadEligibilityRules(fileWith(JSON.stringify(file)))).toEqual(file);
});

test.each([
  ['from one amount to a higher', { from: 1, to: 2 }],
  ['of exactly one amount', { from: 2, to: 2 }],
  ['from an amount on', { from: 2 }],
  ['up to an amount', { to: 2 }],
  ['of nothing', { from: 0, to: 0 }],
])('a range %s is one', (_what, amount) => {
  expect(loadEligibilityRules(fileWith(rule({ when: { amount } }))).rules).toMatchObject([{ when: { amount } }]);
});

test.each<[pattern: string, fits: string[], not: string[]]>([
  ['Course', ['Course'], ['course', 'Course A', 'A Course', '']],
  ['a.b', ['a.b'], ['aXb']],
  ['', [''], ['a']],
  ['/live/', ['live', 'alive', 'live!'], ['LIVE', 'lie']],
  ['/live/i', ['live', 'ALIVE'], ['lie']],
  ['/^live$/', ['live'], ['alive']],
  ['/a\nb/', ['a\nb'], ['ab']],
  ['/^.$/', ['😀'], ['ab']],
  // Not written as an expression: nothing between the slashes, something before or after them, another flag.
  ['//', ['//'], ['', 'a']],
  ['a/b/', ['a/b/'], ['b', 'a']],
  ['/a/b', ['/a/b'], ['a', 'b']],
  ['/a/g', ['/a/g'], ['a']],
])('%s is found in %j, not in %j', (pattern, fits, not) => {
  expect(fits.filter(matcherOf(pattern))).toEqual(fits);
  expect(not.filter(matcherOf(pattern))).toEqual([]);
});

describe('a file that is wrong', () => {
  test.each([
    ['not JSON', '{"rules": [', /can't be read as JSON/],
    ['no object', '[]', /expected object/],
    ['without otherwise', '{"rules": []}', /otherwise/],
    ['a mistyped action', rule({ action: 'invoce' }), /must be invoice, skip or review[\s\S]*rules\[0\]\.action/],
    ['an empty name', rule({ name: '' }), /must say[\s\S]*rules\[0\]\.name/],
    ['a condition that does not exist', rule({ when: { amont: {} } }), /"amont"[\s\S]*rules\[0\]\.when/],
    ['an amount with decimals', rule({ when: { amount: { from: 9.99 } } }), /rules\[0\]\.when\.amount\.from/],
    [
      'an amount range that nothing can fit',
      rule({ when: { amount: { from: 2, to: 1 } } }),
      /from must not be more than to[\s\S]*rules\[0\]\.when\.amount/,
    ],
    [
      'a range from less than nothing',
      rule({ when: { amount: { from: -1, to: 5 } } }),
      /rules\[0\]\.when\.amount\.from/,
    ],
    ['a negative amount', rule({ when: { amount: { to: -1 } } }), /rules\[0\]\.when\.amount\.to/],
    [
      'a regular expression that is none',
      rule({ when: { description: '/(/' } }),
      /\/\(\/ is not a regular expression[\s\S]*rules\[0\]\.when\.description/,
    ],
    ['no alternative at all', rule({ when: { currency: [] } }), /rules\[0\]\.when\.currency/],
    ['a number as metadata', rule({ when: { metadata: { course: 7 } } }), /rules\[0\]\.when\.metadata\.course/],
  ])('%s: the file and the field are named', (_what, content, field) => {
    const complaint = complaintAbout(content);
    expect(complaint).toContain(join(folder, 'rules.json'));
    expect(complaint).toMatch(field);
  });

  test('a file that is not there is named', () => {
    expect(() => loadEligibilityRules('/nowhere/rules.json')).toThrow(/ELIGIBILITY_RULES: \/nowhere\/rules\.json/);
  });
});
