import { Agent, request } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { connect, firstRow, rows } from '../../src/platform/db.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { type Command, startCommand } from '../support/command.ts';
import { freshDatabase } from '../support/database.ts';
import { eventBody } from '../support/events.ts';
import { until } from '../support/eventually.ts';
import { freshRedis } from '../support/redis.ts';
import { deliver, signatureOf, webhookSecrets } from '../support/webhooks.ts';

const { url: database } = await freshDatabase();
const settings = {
  DATABASE_URL: database,
  REDIS_URL: (await freshRedis()).url,
  STRIPE_SECRET_KEY: 'sk_test_quittance',
  STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(','),
  HOST: '127.0.0.1',
  PORT: '0',
};
const db = connect(database, { name: 'test', connections: 4 });
releaseAfterFile(() => db.destroy());

const agents: Agent[] = [];
afterEach(() => {
  for (const agent of agents.splice(0)) agent.destroy();
});

async function api(env: Record<string, string> = {}): Promise<{ command: Command; url: string }> {
  const command = startCommand('dist/src/api/main.js', [], { ...settings, ...env });
  return { command, url: await command.ready() };
}

/** A delivery on a connection that its sender keeps open, as Stripe and proxies do. */
function keptOpen(url: string, id: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, keepAliveMsecs: 60_000 });
  agents.push(agent);
  const body = JSON.stringify(eventBody(id));
  const headers = { 'content-type': 'application/json', 'stripe-signature': signatureOf(body) };
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/webhooks/stripe`, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

/** While `during` runs, no event can be committed. */
async function withoutCommits(during: () => Promise<void>): Promise<void> {
  const lock = await db.transaction();
  await lock.raw('LOCK TABLE stripe_events');
  try {
    await during();
  } finally {
    await lock.rollback();
  }
}
const waitsForLock = () =>
  until(async () => {
    const waiting = await rows(
      db,
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return waiting.length > 0;
  });

test('a stopping api takes nothing new, answers what it has taken, and ends with 0 at once', async () => {
  const { command, url } = await api();
  let answered: Promise<number> | undefined;
  await withoutCommits(async () => {
    answered = keptOpen(url, 'evt_in_flight');
    await waitsForLock();
    command.kill('SIGTERM');
    await until(() => command.said().includes('"stopping"'));
    await expect(deliver(url, eventBody('evt_too_late'))).rejects.toThrow('fetch failed');
  });
  const began = performance.now();
  expect(await answered).toBe(200);
  const { code, stdout } = await command.end;
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(code).toBe(0);
  expect(stdout).toContain('"stopped"');
  expect(stdout).not.toContain('unfinished');
  expect(await rows(db, 'SELECT id FROM stripe_events')).toEqual([{ id: 'evt_in_flight' }]);
});

test('open connections on which nothing happens are no reason to wait, and no refused delivery is forgotten', async () => {
  const { command, url } = await api();
  expect(await keptOpen(url, 'evt_idle')).toBe(200);
  expect((await deliver(url, '{}')).status).toBe(400);
  const began = performance.now();
  command.kill('SIGINT');
  expect((await command.end).code).toBe(0);
  expect(performance.now() - began).toBeLessThan(5_000);
  expect(await firstRow(db, `SELECT reason FROM webhook_deliveries WHERE verdict = 'rejected'`)).toEqual({
    reason: 'not_an_event',
  });
});

test('when the deadline passes it ends all the same, and says so', async () => {
  const { command, url } = await api({ SHUTDOWN_SECONDS: '1' });
  await withoutCommits(async () => {
    const cut = expect(keptOpen(url, 'evt_cut')).rejects.toThrow();
    await waitsForLock();
    command.kill('SIGTERM');
    const { code, stdout } = await command.end;
    expect(code).toBe(0);
    expect(stdout).toContain('stopped with work unfinished');
    await cut;
  });
});

test('a second signal ends it at once', async () => {
  const { command, url } = await api();
  await withoutCommits(async () => {
    const cut = expect(keptOpen(url, 'evt_twice')).rejects.toThrow();
    await waitsForLock();
    command.kill('SIGTERM');
    await until(() => command.said().includes('"stopping"'));
    command.kill('SIGTERM');
    expect((await command.end).code).toBe(1);
    await cut;
  });
});

test.each([
  ['a missing setting', { STRIPE_WEBHOOK_SECRETS: '' }, /^STRIPE_WEBHOOK_SECRETS is required/],
  ['blank secrets', { STRIPE_WEBHOOK_SECRETS: ' , ' }, /^STRIPE_WEBHOOK_SECRETS is required/],
  ['wrong settings', { PORT: 'x', REDIS_URL: 'x' }, /REDIS_URL must look like.*\n.*PORT must be a whole number/],
])('with %s it does not start: code 2 and the name of the setting', async (_what, env, complaint) => {
  const { code, stdout, stderr } = await startCommand('dist/src/api/main.js', [], { ...settings, ...env }).end;
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(complaint);
});

test('a port that is taken is told in a sentence', async () => {
  const { url } = await api();
  const { code, stderr } = await startCommand('dist/src/api/main.js', [], { ...settings, PORT: new URL(url).port }).end;
  expect(code).toBe(2);
  expect(stderr).toMatch(/^listen EADDRINUSE.*Another process uses PORT/m);
  expect(stderr).not.toMatch(/ {4}at /);
});
