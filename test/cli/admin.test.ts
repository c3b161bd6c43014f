import { expect, test } from 'vitest';
import { adminOf, openSession } from '../../src/billing/people/admin-sessions.ts';
import { checkLogin } from '../../src/billing/people/admins.ts';
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

  expect((await create(['ada', '--role', 'viewer', '--even-the-last'], 'another password')).stdout).toBe(
    'ada may sign in as viewer.\n',
  );
  expect(await checkLogin(db, 'ada', 'correct horse battery')).toBeUndefined();
  expect(await checkLogin(db, 'ada', 'another password')).toMatchObject({ id: ada.id, role: 'viewer' });
  expect(await adminOf(db, [session])).toBeUndefined();
});

test.each([
  ['a short password', ['bob'], 'too short', 1, /needs at least 10 characters/],
  ['no password', ['bob'], '', 1, /needs at least 10 characters/],
  ['a common password', ['bob'], 'password123', 1, /is one of those that are guessed first/],
  ['ten spaces', ['bob'], '          ', 1, /is one of those that are guessed first/],
  ['a name with a blank', ['bob smith'], 'correct horse battery', 1, /^NAME bob smith must be an e-mail address, or/],
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

test('the list says who may sign in, who is signed in, and who is disabled; disabling needs a word for the last operator', async () => {
  const database = { DATABASE_URL: (await freshDatabase()).url };
  const admin = (words: string[], input = '') => quittance(['admin', ...words], database, input);
  expect((await admin(['list'])).stdout).toBe('Nobody may sign in: "admin create NAME" makes the first admin.\n');
  await admin(['create', 'ada'], 'correct horse battery');
  await admin(['create', 'vera', '--role', 'viewer'], 'umbrella over nine tulips');
  const own = connect(database.DATABASE_URL, { name: 'test', connections: 1 });
  releaseAfterFile(() => own.destroy());
  const vera = await checkLogin(own, 'vera', 'umbrella over nine tulips');
  if (!vera) throw new Error('vera can not sign in');
  const session = await openSession(own, vera);
  const minute = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/g;
  const list = async () => (await admin(['list'])).stdout.replace(minute, 'T').split('\n');
  expect(await list()).toEqual([
    'ada  operator  made T  never signed in since they are noted',
    'vera  viewer  made T  signed in last T, now in 1 browser',
    '',
  ]);

  expect((await admin(['disable', 'vera', '--reason', 'left'])).stdout).toBe(
    'vera is signed out, and may not sign in any more.\n',
  );
  expect(await adminOf(own, [session])).toBeUndefined();
  expect((await list())[1]).toBe('vera  viewer  made T  signed in last T  DISABLED T');
  expect((await admin(['enable', 'vera'])).stdout).toBe('vera may sign in again, with the password of before.\n');

  const refused = await admin(['disable', 'ada', '--reason', 'left']);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    'ada is the last operator: nobody could change anything in the console any more. Make another one first, or add --even-the-last.\n',
  ]);
  expect((await admin(['create', 'ada', '--role', 'viewer'], 'correct horse battery')).stderr).toBe(refused.stderr);
  expect((await admin(['disable', 'ada', '--even-the-last', '--reason', 'left'])).code).toBe(0);
  expect((await admin(['disable', 'nobody', '--reason', 'left'])).stderr).toBe(
    'There is no admin nobody: "admin list" shows them.\n',
  );
});
