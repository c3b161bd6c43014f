import { afterAll, describe, expect, test } from 'vitest';
import type { Admin } from '../../../src/billing/people/admin.ts';
import {
  adminOf,
  closeSessions,
  countSessions,
  openSession,
  SESSION_HOURS,
} from '../../../src/billing/people/admin-sessions.ts';
import {
  changePassword,
  checkLogin,
  disableAdmin,
  enableAdmin,
  LastOperator,
  listAdmins,
  saveAdmin,
} from '../../../src/billing/people/admins.ts';
import { hashPassword } from '../../../src/billing/people/password-hash.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { freshDatabase } from '../../support/database.ts';
import { until } from '../../support/eventually.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
afterAll(() => db.destroy());
const password = 'correct horse battery';

/** One whose password nobody knows: sessions don't need it, and scrypt takes its time. */
async function admin(name: string): Promise<Admin> {
  const sql = `INSERT INTO admin_users (name, password) VALUES (?, 'scrypt') RETURNING id, name, role`;
  const row = await firstRow<Admin>(db, sql, [name]);
  if (!row) throw new Error('Bug: no admin was written');
  return row;
}

await saveAdmin(db, { name: 'ada', password, role: 'viewer' }, { actor: 'test' });

describe('signing in', () => {
  test('takes the right name, in any case, with the right password', async () => {
    const ada = { id: expect.any(Number), name: 'ada', role: 'viewer' };
    expect(await checkLogin(db, 'ada', password)).toEqual(ada);
    expect(await checkLogin(db, 'ADA', password)).toEqual(ada);
  });

  test.each([
    ['another password', 'ada', 'correct horse battery!'],
    ['the password in other letters', 'ada', password.toUpperCase()],
    ['no password', 'ada', ''],
    ['an unknown name', 'bob', password],
    ['a name with a pattern', 'a%', password],
    ['a name with a NUL', 'ada\u0000', password],
  ])('refuses %s', async (_what, name, given) => {
    expect(await checkLogin(db, name, given)).toBeUndefined();
  });

  test('takes a password typed on another keyboard: composed or not, it is the same', async () => {
    await saveAdmin(db, { name: 'zoe', password: 'Zoë’s pässword', role: 'viewer' }, { actor: 'test' });
    expect(await checkLogin(db, 'zoe', 'Zoë’s pässword'.normalize('NFD'))).toMatchObject({ name: 'zoe' });
  });

  test('is over for one who was disabled, and so are his sessions', async () => {
    await saveAdmin(db, { name: 'carl', password, role: 'viewer' }, { actor: 'test' });
    const carl = await checkLogin(db, 'carl', password);
    const token = await openSession(db, carl ?? (await admin('nobody')));
    expect(await adminOf(db, [token])).toEqual(carl);
    await disableAdmin(db, 'carl', { actor: 'cli:root', reason: 'left the company' });
    expect(await checkLogin(db, 'carl', password)).toBeUndefined();
    expect(await adminOf(db, [token])).toBeUndefined();
    expect((await countSessions(db)).get(carl?.id ?? 0)).toBeUndefined();

    await enableAdmin(db, 'carl', { actor: 'cli:root', reason: 'came back' });
    expect(await checkLogin(db, 'carl', password)).toEqual(carl);
    expect(await adminOf(db, [token])).toBeUndefined();
    const audit = `SELECT actor, action, reason FROM audit_log WHERE subject = 'carl' ORDER BY id`;
    expect(await rows(db, audit)).toEqual([
      { actor: 'test', action: 'admin.create', reason: 'may sign in as viewer' },
      { actor: 'cli:root', action: 'admin.disable', reason: 'left the company' },
      { actor: 'cli:root', action: 'admin.enable', reason: 'came back' },
    ]);
  });

  test('keeps no password: only its salted scrypt', async () => {
    await saveAdmin(db, { name: 'dora', password, role: 'viewer' }, { actor: 'test' });
    const stored = await rows<{ password: string }>(
      db,
      `SELECT password FROM admin_users WHERE name IN ('ada', 'dora')`,
    );
    for (const row of stored) expect(row.password).toMatch(/^scrypt\$32768\$8\$3\$[\w+/]{22}==\$[\w+/]{43}=$/);
    expect(stored[0]?.password).not.toBe(stored[1]?.password);
  });
});

describe('a session', () => {
  test('is known by its token, of which only the hash is kept', async () => {
    const fred = await admin('fred');
    const token = await openSession(db, fred);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await adminOf(db, [token])).toEqual(fred);
    expect(await adminOf(db, [`${token}x`])).toBeUndefined();
    expect(await firstRow(db, 'SELECT 1 FROM admin_sessions WHERE token_hash = ?', [token])).toBeUndefined();
  });

  test('ends after twelve hours', async () => {
    const token = await openSession(db, await admin('gina'));
    await rows(db, `UPDATE admin_sessions SET expires_at = expires_at - make_interval(hours => ?)`, [
      SESSION_HOURS - 1,
    ]);
    expect(await adminOf(db, [token])).toBeDefined();
    await rows(db, `UPDATE admin_sessions SET expires_at = expires_at - interval '1 hour'`);
    expect(await adminOf(db, [token])).toBeUndefined();
  });

  test('ends when it is closed, alone', async () => {
    const hugo = await admin('hugo');
    const [first, second] = [await openSession(db, hugo), await openSession(db, hugo)];
    await closeSessions(db, [first]);
    expect([await adminOf(db, [first]), await adminOf(db, [second])]).toEqual([undefined, hugo]);
  });

  test('ends with a new password; the new one and the new role hold', async () => {
    const token = await openSession(db, await admin('ines'));
    await saveAdmin(db, { name: 'ines', password: 'another password', role: 'viewer' }, { actor: 'test' });
    expect(await adminOf(db, [token])).toBeUndefined();
    expect(await checkLogin(db, 'ines', password)).toBeUndefined();
    expect(await checkLogin(db, 'ines', 'another password')).toMatchObject({ name: 'ines', role: 'viewer' });
  });
});

describe('the last operator', () => {
  const by = { actor: 'test', reason: 'left' };
  const operators = async () =>
    (await listAdmins(db))
      .filter(({ role, disabled_at }) => role === 'operator' && !disabled_at)
      .map(({ name }) => name);
  const alone = async (...names: string[]) => {
    await rows(db, `UPDATE admin_users SET role = 'viewer'`);
    for (const name of names) await admin(name);
  };

  test('is not disabled, nor made a viewer, unless it is said', async () => {
    await alone('olga');
    await expect(disableAdmin(db, 'olga', by)).rejects.toThrow(LastOperator);
    await expect(saveAdmin(db, { name: 'olga', password, role: 'viewer' }, by)).rejects.toThrow(LastOperator);
    expect(await operators()).toEqual(['olga']);
    await disableAdmin(db, 'olga', { ...by, evenTheLast: true });
    expect(await operators()).toEqual([]);
    await enableAdmin(db, 'olga', by);
    await saveAdmin(db, { name: 'olga', password, role: 'viewer' }, { ...by, evenTheLast: true });
    expect(await operators()).toEqual([]);
  });

  test('is one of two who are disabled at the same time', async () => {
    await alone('olaf', 'otto');
    const first = await db.transaction();
    await disableAdmin(first, 'olaf', by);
    const second = disableAdmin(db, 'otto', by).then(
      () => 'disabled',
      (error: Error) => error.name,
    );
    const waits = until(
      async () =>
        (await rows(db, `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`))
          .length > 0,
    );
    await Promise.race([second, waits.catch(() => {})]);
    await first.commit();
    expect(await second).toBe('LastOperator');
    expect(await operators()).toEqual(['otto']);
  });

  test('is of no concern when a viewer goes', async () => {
    await alone('orla');
    await disableAdmin(db, 'dora', by);
    expect(await operators()).toEqual(['orla']);
  });
});

test('who is disabled twice, enabled twice or not there is told of', async () => {
  const by = { actor: 'test', reason: 'left' };
  await admin('paul');
  await expect(enableAdmin(db, 'paul', by)).rejects.toThrow('paul is not disabled.');
  await disableAdmin(db, 'paul', { ...by, evenTheLast: true });
  await expect(disableAdmin(db, 'paul', { ...by, evenTheLast: true })).rejects.toThrow('paul is disabled already.');
  await expect(disableAdmin(db, 'pavel', by)).rejects.toThrow('There is no admin pavel: "admin list" shows them.');
  await expect(enableAdmin(db, 'pavel', by)).rejects.toThrow('There is no admin pavel');
});

test('a password that was set by somebody else meanwhile is not written over', async () => {
  await saveAdmin(db, { name: 'quinn', password, role: 'viewer' }, { actor: 'test' });
  const quinn = await checkLogin(db, 'quinn', password);
  if (!quinn) throw new Error('quinn can not sign in');
  const other = await hashPassword('a lighthouse with seven doors');
  // While the new one is being derived, which takes its time.
  const [token] = await Promise.all([
    changePassword(db, quinn, password, 'umbrella over nine tulips'),
    rows(db, `UPDATE admin_users SET password = ? WHERE name = 'quinn'`, [other]),
  ]);
  expect(token).toBeUndefined();
  expect(await rows(db, `SELECT password FROM admin_users WHERE name = 'quinn'`)).toEqual([{ password: other }]);
});
