import { afterAll, describe, expect, test } from 'vitest';
import {
  type Admin,
  adminOf,
  checkLogin,
  closeSessions,
  openSession,
  SESSION_HOURS,
  saveAdmin,
} from '../../src/billing/admins.ts';
import { connect, firstRow, rows } from '../../src/platform/db.ts';
import { freshDatabase } from '../support/database.ts';

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

await saveAdmin(db, 'ada', password, 'viewer');

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
    await saveAdmin(db, 'zoe', 'Zoë’s pässword', 'viewer');
    expect(await checkLogin(db, 'zoe', 'Zoë’s pässword'.normalize('NFD'))).toMatchObject({ name: 'zoe' });
  });

  test('is over for one who was disabled, and so are his sessions', async () => {
    await saveAdmin(db, 'carl', password, 'viewer');
    const carl = await checkLogin(db, 'carl', password);
    const token = await openSession(db, carl ?? (await admin('nobody')));
    expect(await adminOf(db, [token])).toEqual(carl);
    await rows(db, `UPDATE admin_users SET disabled_at = now() WHERE name = 'carl'`);
    expect(await checkLogin(db, 'carl', password)).toBeUndefined();
    expect(await adminOf(db, [token])).toBeUndefined();
  });

  test('keeps no password: only its salted scrypt', async () => {
    await saveAdmin(db, 'dora', password, 'viewer');
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
    await saveAdmin(db, 'ines', 'another password', 'viewer');
    expect(await adminOf(db, [token])).toBeUndefined();
    expect(await checkLogin(db, 'ines', password)).toBeUndefined();
    expect(await checkLogin(db, 'ines', 'another password')).toMatchObject({ name: 'ines', role: 'viewer' });
  });
});
