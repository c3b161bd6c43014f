import { expect, test } from 'vitest';
import { adminOf, checkLogin, openSession } from '../../src/billing/admins.ts';
import { connect, rows } from '../../src/platform/db.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { quittance, startCommand } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';

const { url } = await freshDatabase();
const db = connect(url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const create = (words: string[], input: string, env = { DATABASE_URL: url }) =>
  quittance(['admin', 'create', ...words], env, input);

test('an admin is made with the password from standard input; made again, his password is another and he is signed out', async () => {
  expect(await create(['ada'], 'correct horse battery\n')).toEqual({
    code: 0,
    signal: null,
    stdout: 'ada may sign in as operator.\n',
    stderr: '',
  });
  const ada = await checkLogin(db, 'ada', 'correct horse battery');
  if (!ada) throw new Error('ada can not sign in');
  const session = await openSession(db, ada);

  expect((await create(['ada', '--role', 'viewer'], 'another password')).stdout).toBe('ada may sign in as viewer.\n');
  expect(await checkLogin(db, 'ada', 'correct horse battery')).toBeUndefined();
  expect(await checkLogin(db, 'ada', 'another password')).toMatchObject({ id: ada.id, role: 'viewer' });
  expect(await adminOf(db, [session])).toBeUndefined();
});

test.each([
  ['a short password', ['bob'], 'too short', 1, /needs at least 10 characters/],
  ['no password', ['bob'], '', 1, /needs at least 10 characters/],
  ['a name with capitals', ['Bob'], 'correct horse battery', 1, /^NAME Bob may hold lower-case letters/],
  ['another role', ['bob', '--role', 'god'], 'correct horse battery', 1, /^--role must be operator or viewer, not god/],
  ['no name', [], '', 1, /missing required argument 'name'/],
])('%s is refused in one sentence, and nobody is made', async (_what, words, input, code, complaint) => {
  const end = await create(words, input);
  expect([end.code, end.stdout]).toEqual([code, '']);
  expect(end.stderr).toMatch(complaint);
  expect(end.stderr).not.toMatch(/ {4}at |correct horse/);
  expect(await rows(db, `SELECT FROM admin_users WHERE name ILIKE 'bob'`)).toEqual([]);
});

test('without a database it says which setting is missing, and does not show the password of a wrong one', async () => {
  const missing = await create(['bob'], 'correct horse battery', { DATABASE_URL: '' });
  expect(missing).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^DATABASE_URL is required, for example postgres:/),
  });
  const away = await create(['bob'], 'correct horse battery', { DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/db' });
  expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('ECONNREFUSED') });
  expect(away.stderr).not.toContain('hidden');
});

test('as a process it reads standard input, and ends by itself with the code of the command', async () => {
  const started = (env: Record<string, string>) =>
    startCommand('dist/src/cli/main.js', ['admin', 'create', 'carl'], env, 'correct horse battery\n').end;
  expect(await started({ DATABASE_URL: url })).toEqual({
    code: 0,
    signal: null,
    stdout: 'carl may sign in as operator.\n',
    stderr: '',
  });
  expect(await checkLogin(db, 'carl', 'correct horse battery')).toMatchObject({ role: 'operator' });
  expect(await started({})).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^DATABASE_URL is/) });
});
