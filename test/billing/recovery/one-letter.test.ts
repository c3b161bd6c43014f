import { expect, test } from 'vitest';
import { recoveryPolicy } from '../../../src/billing/policy/recovery.ts';
import type { LetterKind, LetterPlan } from '../../../src/billing/recovery/next-letter.ts';
import { oneLetter } from '../../../src/billing/recovery/one-letter.ts';

const day = (days: number) => new Date(Date.UTC(2026, 2, 1, 10) + days * 86_400_000);
const minute = 1 / 1_440;
const none: LetterPlan = { letter: 'none', reason: 'its end was told' };

function due(at: number, letter: LetterKind = 'warning'): LetterPlan {
  return { letter, at: day(at), ask: 'check_card' };
}

test.each<[string, LetterPlan[], number, string[]]>([
  ['one case is told alone', [due(3)], 3, ['0']],
  ['two that are due together are told together', [due(3), due(3)], 3, ['0', '1']],
  ['one that would have to wait goes along', [due(3), due(5 - minute)], 3, ['0', '1']],
  ['one that would not stays for itself', [due(3), due(5)], 3, ['0']],
  ['the first that is due says when', [due(9), due(4), due(3)], 3, ['2', '1']],
  ['a case without a letter is not told', [none, due(3), none], 3, ['1']],
])('%s', (_what, plans, at, cases) => {
  const planned = plans.map((plan, index) => ({ case: String(index), plan }));
  const joint = oneLetter(planned, recoveryPolicy.parse({}));
  expect(joint?.at).toEqual(day(at));
  expect(joint?.tells).toEqual(cases.map((each) => ({ case: each, letter: 'warning', ask: 'check_card' })));
});

test('the policy says how long a letter would have to wait', () => {
  const planned = [due(3), due(6)].map((plan, index) => ({ case: String(index), plan }));
  const policy = recoveryPolicy.parse({ letters: { hours_between: 96 } });
  expect(oneLetter(planned, policy)?.tells).toHaveLength(2);
});

test.each<[LetterKind, boolean]>([
  ['failed', true],
  ['reminder', true],
  ['warning', false],
  ['ended', false],
])('whether a %s that is due in a week goes along: %s', (letter, goes) => {
  const planned = [due(3, 'ended'), due(10, letter)].map((plan, index) => ({ case: String(index), plan }));
  const alone = { case: '0', letter: 'ended', ask: 'check_card' };
  const tells = goes ? [alone, { case: '1', letter, ask: 'check_card' }] : [alone];
  expect(oneLetter(planned, recoveryPolicy.parse({}))).toEqual({ at: day(3), tells });
});

test('nothing to tell is no letter', () => {
  for (const planned of [[], [{ case: '0', plan: none }]])
    expect(oneLetter(planned, recoveryPolicy.parse({}))).toBeUndefined();
});
