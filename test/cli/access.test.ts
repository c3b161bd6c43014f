import { expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { signingKeyOf } from '../../src/platform/signing-keys.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { quittance } from '../support/command.ts';

/** Who may use what, from a shell. */
const { deps, settings } = await billingUnderTest({ BUSINESS_TIME_ZONE: 'Europe/Berlin' });
const access = (...words: string[]) => quittance(['access', ...words], settings);

test('something is given until a day of the business, shown, and ended', async () => {
  expect(await access('show', 'user-1')).toMatchObject({ code: 0, stdout: 'user-1  version 0  may use nothing\n' });
  const given = await access('grant', 'user-1', 'oil', '--until', '2099-12-31', '--reason', 'teaches it');
  expect(given).toMatchObject({ code: 0, stdout: expect.stringMatching(/^user-1 may use oil, from hand:\d+\.\n$/) });
  const cause = /hand:\d+/.exec(given.stdout)?.[0] ?? '';
  expect((await access('show', 'user-1')).stdout).toBe(
    `user-1  version 1  may use\n  oil  until 2100-01-01 00:00 CET  from ${cause}\n`,
  );
  const json: unknown = JSON.parse((await access('show', 'user-1', '--json')).stdout);
  expect(json).toMatchObject({
    reference: 'user-1',
    version: 1,
    features: { oil: { cause, until: '2099-12-31T23:00:00.000Z' } },
    grants: [{ cause, ended_at: null }],
  });
  expect(await access('end', cause, '--reason', 'has left')).toMatchObject({
    code: 0,
    stdout: `${cause} gives nothing any more.\n`,
  });
  expect((await access('show', 'user-1')).stdout).toMatch(
    /version 2 {2}may use nothing\n {2}oil {2}ended .*: has left {2}from hand/,
  );
  expect(await rows(deps.db, 'SELECT action, reason FROM audit_log ORDER BY id')).toEqual([
    { action: 'access.grant', reason: 'teaches it' },
    { action: 'access.end', reason: 'has left' },
  ]);
});

test('a key of tokens is made for the configuration, and kept nowhere', async () => {
  const { code, stdout, stderr } = await access('token-key');
  expect(code).toBe(0);
  expect(signingKeyOf(stdout.trim())).toBeDefined();
  expect(stderr).toContain('ACCESS_TOKEN_KEYS');
  expect(stderr).not.toContain(stdout.trim());
});

test.each([
  [['grant', 'user-1', 'Oil', '--reason', 'x'], /FEATURE must be lower-case letters/],
  [
    ['grant', 'user-1', 'oil', '--until', '2026-02-30', '--reason', 'x'],
    /--until must be a day like 2027-12-31, not 2026-02-30/,
  ],
  [['grant', 'user-1', 'oil', '--until', '2020-01-01', '--reason', 'x'], /is not in the future/],
  [['grant', ' ', 'oil', '--reason', 'x'], /REFERENCE must have 1 to 200 characters/],
  [['grant', 'user-1', 'oil'], /required option '--reason/],
  [['end', 'hand:99', '--reason', 'x'], /Nothing was given by hand as hand:99/],
  [['end', 'user-1', '--reason', 'x'], /a cause is hand:NUMBER, payment:pi_… or subscription:sub_/],
])('access %j is refused in a sentence', async (words, sentence) => {
  const { code, stderr } = await access(...words);
  expect(code).toBe(1);
  expect(stderr).toMatch(sentence);
});
