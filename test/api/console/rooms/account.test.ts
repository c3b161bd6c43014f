import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { checkLogin, disableAdmin, saveAdmin } from '../../../../src/billing/people/admins.ts';
import { rows } from '../../../../src/platform/db.ts';
import { apiUnderTest } from '../../../support/api.ts';
import { browse, cookieOf } from '../../../support/browse.ts';

const { api, db, settings } = await apiUnderTest();
const password = 'correct horse battery';
const better = 'umbrella over nine tulips';
const at = (path: string) => `${api.url}/console${path}`;
const made = async (name: string) => {
  await saveAdmin(db, { name, password, role: 'viewer' }, { actor: 'test' });
  return cookieOf(db, name);
};
const change = (cookie: string, form: Record<string, string>) => browse(at('/account/password'), { cookie, form });

describe('one’s own password', () => {
  test('is changed by whoever knows it, a viewer too; every other browser is signed out, and the log says so', async () => {
    const [here, elsewhere] = [await made('vera'), await cookieOf(db, 'vera')];
    expect(await (await browse(at('/account'), { cookie: here })).text()).toContain('in 2 browsers');
    const answer = await change(here, { old: password, password: better, again: better });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/console/account?done=password']);
    const [fresh = ''] = (answer.headers.get('set-cookie') ?? '').split(';');
    const page = await browse(at('/account?done=password'), { cookie: fresh });
    expect(await page.text()).toContain('Your password is changed. You are signed out everywhere else.');
    for (const cookie of [here, elsewhere]) expect((await browse(at(''), { cookie })).status).toBe(303);
    expect(await checkLogin(db, 'vera', password)).toBeUndefined();
    expect(await checkLogin(db, 'vera', better)).toMatchObject({ name: 'vera', role: 'viewer' });
    expect(await rows(db, `SELECT actor, subject FROM audit_log WHERE action = 'admin.password'`)).toEqual([
      { actor: 'admin:vera', subject: 'vera' },
    ]);
    expect(api.logs()).not.toMatch(/umbrella|correct horse/);
  });

  // To derive one takes its time: these two share theirs.
  const shared = made('walter');
  const refused = { old: password, password: better, again: better };
  test.each([
    ['with another one for now', { ...refused, old: 'wrong' }, 'The current password is not right'],
    ['with two new ones', { ...refused, again: `${better} ` }, 'typed in two ways'],
    ['to the current one', { ...refused, password, again: password }, 'is the current one'],
    ['to a common one', { ...refused, password: 'password123', again: 'password123' }, 'guessed first'],
    ['to a part of the name', { ...refused, password: 'walter12345', again: 'walter12345' }, 'guessed first'],
    ['to a short one', { ...refused, password: 'short', again: 'short' }, 'at least 10 characters'],
    ['to none', { old: password, password: '', again: '' }, 'Give the current password'],
    ['with nothing at all', {}, 'Give the current password'],
  ])('is not changed %s', async (_what, form, problem) => {
    const cookie = await shared;
    const stored = () => rows(db, `SELECT password FROM admin_users WHERE name = 'walter'`);
    const before = await stored();
    const answer = await change(cookie, form);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(problem);
    expect((await browse(at(''), { cookie })).status).toBe(200);
    expect(await stored()).toEqual(before);
  });

  test('is not found out here by whoever sits before somebody else’s browser', async () => {
    const redis = new Redis(settings.REDIS_URL ?? '');
    await redis.del('quittance-own-password:walter');
    const guess = async (old: string) => change(await shared, { old, password: better, again: better });
    expect((await guess('a guess')).status).toBe(422);
    expect(await redis.incrby('quittance-own-password:walter', 4)).toBe(5);
    redis.disconnect();
    const right = await guess(password);
    expect([right.status, Number(right.headers.get('retry-after')) > 800]).toEqual([429, true]);
    expect(await right.text()).toContain('Try again in 15 minutes.');
  });

  test('is not rated without end, which would leave no time for anybody else', async () => {
    const redis = new Redis(settings.REDIS_URL ?? '');
    await redis.set('quittance-own-password-rated:walter', 29, 'EX', 900);
    const rate = async () => change(await shared, { old: password, password: 'password123', again: 'password123' });
    expect((await rate()).status).toBe(422);
    const refused = await rate();
    expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('Too many passwords.')]);
    await redis.del('quittance-own-password-rated:walter');
    redis.disconnect();
  });

  test('can’t be changed from another site, or by somebody who is signed out', async () => {
    const cookie = await shared;
    const form = { old: password, password: better, again: better };
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await browse(at('/account/password'), { cookie, form, headers })).status).toBe(403);
    await disableAdmin(db, 'walter', { actor: 'test', reason: 'left' });
    expect((await change(cookie, form)).status).toBe(401);
  });
});
