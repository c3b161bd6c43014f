import { expect, test } from 'vitest';
import { claimsOf } from '../../../src/billing/access/access-token.ts';

/** How long a token holds, as a table: asked for at a moment, with five minutes at most. */
const now = new Date('2026-03-01T12:00:00.400Z');
const iat = Date.parse('2026-03-01T12:00:00Z') / 1000;
const after = (ms: number) => new Date(now.getTime() + ms);

const ada = { reference: 'ada', version: 17, now, asOf: now, isAhead: false, onTestClock: false, features: {} };

test.each<[string, Date | null, number]>([
  ['nothing ever changes by time: for as long as may be', null, 300],
  ['it changes in an hour: for as long as may be', after(3_600_000), 300],
  ['it changes a second later than that', after(301_000), 300],
  ['it changes in the last second of that', after(299_999), 300],
  ['it changes a little before', after(299_500), 299],
  ['it changes in ten seconds', after(10_000), 10],
  ['it changes in ten seconds and a part of one, which is cut off', after(10_599), 10],
  ['it changes in a moment: it has ended already', after(300), 0],
])('%s', (_, changesAt, seconds) => {
  const access = { ...ada, changesAt };
  const claims = claimsOf(access, { issuer: 'https://billing.example', longestSeconds: 300 });
  expect(claims).toEqual({
    iss: 'https://billing.example',
    sub: 'ada',
    version: 17,
    features: {},
    iat,
    exp: iat + seconds,
  });
  if (changesAt) expect(claims.exp * 1000).toBeLessThanOrEqual(changesAt.getTime());
});

test('by the time of a test clock, which may be moved on: for five seconds', () => {
  const access = { ...ada, onTestClock: true, changesAt: null };
  const exp = (longestSeconds: number) => claimsOf(access, { issuer: 'https://billing.example', longestSeconds }).exp;
  expect(exp(300)).toBe(iat + 5);
  expect(exp(2)).toBe(iat + 2);
});
