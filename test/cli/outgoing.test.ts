import { describe, expect, test } from 'vitest';
import { receipt } from '../../src/billing/letters/receipt.ts';
import { findApiKey } from '../../src/billing/people/api-keys.ts';
import { announce, queueLetter } from '../../src/messages/outbox.ts';
import { connect, rows } from '../../src/platform/db.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { quittance } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { type Settings, simulatorKey } from '../support/processes.ts';

const { url } = await freshDatabase();
const db = connect(url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
const settings: Settings = { DATABASE_URL: url, REDIS_URL: 'redis://127.0.0.1:1', STRIPE_SECRET_KEY: simulatorKey };
const run = (words: string[], more: Settings = {}) => quittance(words, { ...settings, ...more });
const audit = (subject: string) =>
  rows<{ action: string }>(db, 'SELECT action FROM audit_log WHERE subject = ? ORDER BY id', [subject]);

describe('api-key', () => {
  test('a key is printed once, alone on standard output, listed by name and revoked', async () => {
    const made = await run(['api-key', 'create', 'shop', '--scopes', 'invoices:read, invoices:write']);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^qk_[\w-]{43}\n$/) });
    const key = made.stdout.trim();
    expect(await findApiKey(db, key)).toMatchObject({ name: 'shop', scopes: ['invoices:read', 'invoices:write'] });
    const { stdout } = await run(['api-key', 'list']);
    expect(stdout).toMatch(/^shop {2}invoices:read,invoices:write {2}made .* UTC {2}last used .* UTC\n$/);
    expect(stdout).not.toContain(key);
    expect((await run(['api-key', 'revoke', 'shop', '--reason', 'moved'])).stdout).toBe(
      'shop is refused from now on.\n',
    );
    expect(await findApiKey(db, key)).toBeUndefined();
    expect((await run(['api-key', 'list'])).stdout).toContain('REVOKED');
    expect((await audit('shop')).map(({ action }) => action)).toEqual(['api_key.create', 'api_key.revoke']);
  });

  test('a key with a last day says so in the list, also when it is over', async () => {
    const words = ['api-key', 'create', 'guest', '--scopes', 'invoices:read', '--expires', '2999-12-31'];
    expect((await run(words)).code).toBe(0);
    const line = async () => (await run(['api-key', 'list'])).stdout.split('\n').find((one) => one.startsWith('guest'));
    expect(await line()).toMatch(/never used {2}until 2999-12-31$/);
    await rows(db, `UPDATE api_keys SET expires_at = '2026-06-01T00:00:00Z' WHERE name = 'guest'`);
    expect(await line()).toMatch(/never used {2}EXPIRED after 2026-05-31$/);
  });

  test.each([
    ['a day that is over', ['create', 'x', '--scopes', 'invoices:read', '--expires', '2020-01-01'], 'must not be over'],
    ['an unknown scope', ['create', 'x', '--scopes', 'all'], 'There is no scope all'],
    ['no scope', ['create', 'x'], '--scopes'],
    ['a wrong name', ['create', 'Shop Key', '--scopes', 'invoices:read'], 'lower-case'],
    ['a key that is not there', ['revoke', 'nobody'], 'no key named nobody'],
  ])('%s is refused', async (_what, words, complaint) => {
    expect(await run(['api-key', ...words])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(complaint),
    });
  });
});

const shop = 'https://shop.example/events';

describe('webhook', () => {
  test('a system is added with a secret that is printed once, listed, removed and added again', async () => {
    const added = await run(['webhook', 'add', shop, '--types', 'invoice.paid,review.raised']);
    expect(added).toMatchObject({ code: 0, stdout: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=\n$/) });
    const { stdout } = await run(['webhook', 'list']);
    expect(stdout).toMatch(/^https:\/\/shop\.example\/events {2}invoice\.paid,review\.raised {2}since .* UTC\n$/);
    expect(stdout).not.toContain(added.stdout.trim());
    expect((await run(['webhook', 'add', shop])).stderr).toContain('is told already');
    expect((await run(['webhook', 'remove', shop])).stdout).toContain('told nothing any more');
    expect((await run(['webhook', 'list'])).stdout).toContain('Nobody is told anything');
    const again = await run(['webhook', 'add', shop]);
    expect(again.stdout).not.toBe(added.stdout);
    expect((await run(['webhook', 'list'])).stdout).toContain('all types');
    expect((await audit(shop)).map(({ action }) => action)).toEqual(['webhook.add', 'webhook.remove', 'webhook.add']);
  });

  test('one that was disabled is shown as such, and enabled again', async () => {
    await run(['webhook', 'add', 'https://other.example/']);
    await rows(
      db,
      `UPDATE outgoing_endpoints SET disabled_at = now(), disabled_reason = 'It answered 410 Gone.' WHERE url = 'https://other.example/'`,
    );
    expect((await run(['webhook', 'list'])).stdout).toMatch(/other\.example.*DISABLED .*410 Gone/);
    expect((await run(['webhook', 'enable', 'https://other.example'])).code).toBe(0);
    expect((await run(['webhook', 'list'])).stdout).not.toContain('DISABLED');
  });

  test.each([
    ['http', ['add', 'http://shop.example/'], 'https'],
    ['a private address', ['add', 'https://10.0.0.1/'], 'private addresses'],
    ['no URL', ['add', 'shop.example'], 'not a URL'],
    ['an unknown type', ['add', 'https://new.example/', '--types', 'invoice.lost'], 'There is no type invoice.lost'],
    ['removing what is not there', ['remove', 'https://new.example/'], 'There is no endpoint'],
    ['enabling what is not there', ['enable', 'https://new.example/'], 'There is no endpoint'],
  ])('%s is refused', async (_what, words, complaint) => {
    expect(await run(['webhook', ...words])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(complaint),
    });
  });

  test('http and private addresses are taken where they are allowed', async () => {
    const end = await run(['webhook', 'add', 'http://127.0.0.1:4000/'], { ALLOW_PRIVATE_WEBHOOKS: 'on' });
    expect(end.stdout).toMatch(/^whsec_/);
  });
});

describe('messages', () => {
  test('are listed with their tries, and sent once more', async () => {
    await rows(db, 'TRUNCATE messages, message_attempts, outgoing_endpoints CASCADE');
    await run(['webhook', 'add', shop]);
    await announce(db, { type: 'invoice.paid', key: '1', data: {} });
    await queueLetter(db, receipt, { invoice: 'inv_1' }, { to: 'ada@example.com', key: '1' });
    const [dead] = await rows<{ id: string }>(
      db,
      `UPDATE messages SET state = 'dead', attempts = 10, last_error = 'the endpoint answered 500' WHERE channel = 'webhook' RETURNING id`,
    );
    const id = dead?.id ?? '';
    await rows(
      db,
      `INSERT INTO message_attempts (message, ok, answer) VALUES (?, false, 'the endpoint answered 500')`,
      [id],
    );

    expect((await run(['messages', 'list'])).stdout).toMatch(/pending {2}receipt {2}ada@example\.com\n {5}next try/);
    const { stdout } = await run(['messages', 'list', '--state', 'dead']);
    expect(stdout).toMatch(
      new RegExp(`^${id} .* dead {2}invoice\\.paid {2}${shop}\n {5}.* UTC {2}failed: the endpoint answered 500\n$`),
    );
    expect((await run(['messages', 'list', '--state', 'skipped'])).stdout).toBe('There are no such messages.\n');
    expect((await run(['messages', 'list', '--state', 'lost'])).code).toBe(1);

    expect((await run(['messages', 'replay', id])).stderr).toContain('--reason');
    expect((await run(['messages', 'replay', id, '--reason', 'mended'])).stdout).toBe(`${id} goes out again.\n`);
    expect((await run(['messages', 'replay', id, '--reason', 'mended'])).stderr).toContain('on its way');
    expect((await audit(id)).map(({ action }) => action)).toEqual(['message.replay']);
  });
});

test('what somebody else has typed moves no cursor and colours nothing in the terminal', async () => {
  await queueLetter(db, receipt, { invoice: 'inv_1' }, { to: '\u001b[2Ja@b.example\u202e', key: 'receipt:esc' });
  const { stdout } = await run(['messages', 'list']);
  expect(stdout).toContain('[2Ja@b.example\n');
  const wrong = await run(['webhook', 'add', 'https://a\u001b[31m b']);
  expect([wrong.code, wrong.stderr]).toEqual([1, 'https://a[31m b is not a URL.\n']);
});

test.each([
  ['messages', 'replay', 'a'.repeat(36), '--reason', 'wanted'],
  ['review', 'decide', '9'.repeat(20), 'dismiss', '--reason', 'done'],
])('%s %s %s is no id, and is not asked of the database', async (...words) => {
  const { code, stderr } = await run(words);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^(ID|ITEM) must be the .* not \w+\.\n$/)]);
});

test.each([
  ['empty', '', '--reason must say why.\n'],
  ['of what can’t be seen', ' \u202e\u0007 ', '--reason must say why.\n'],
  ['too long', 'x'.repeat(501), '--reason may have 500 characters.\n'],
])('a reason that is %s is refused, whatever it is for', async (_what, reason, complaint) => {
  for (const words of [
    ['messages', 'replay', 'a'],
    ['invoice', 'void', 'inv_a'],
    ['reconsider', 'pi_a'],
    ['webhook', 'remove', 'https://a.example'],
    ['queue', 'resume', 'invoicing'],
  ])
    expect(await run([...words, '--reason', reason])).toMatchObject({ code: 1, stdout: '', stderr: complaint });
});
