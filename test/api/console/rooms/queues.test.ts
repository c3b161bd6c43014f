import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { beforeEach, describe, expect, test } from 'vitest';
import { saveAdmin } from '../../../../src/billing/people/admins.ts';
import { jobQueues } from '../../../../src/jobs/enqueue.ts';
import { rows } from '../../../../src/platform/db.ts';
import { createLog } from '../../../../src/platform/log.ts';
import { sweeper } from '../../../../src/workers/sweeper.ts';
import { apiUnderTest } from '../../../support/api.ts';
import { browse, cookieOf } from '../../../support/browse.ts';
import { releaseAfterFile } from '../../../support/clean-up.ts';
import { quittance } from '../../../support/command.ts';
import { storedEvent } from '../../../support/stored-events.ts';

const { api, db, settings } = await apiUnderTest();
for (const role of ['operator', 'viewer'] as const)
  await saveAdmin(db, { name: role, password: 'correct horse battery', role }, { actor: 'test' });
const connection = new Redis(settings.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('invoicing', { connection, prefix: 'quittance' });
releaseAfterFile(async () => {
  await queue.close();
  connection.disconnect();
});
beforeEach(async () => {
  await connection.flushdb();
  await rows(db, `DELETE FROM audit_log WHERE action LIKE 'queue.%'`);
});

const at = (path: string) => `${api.url}/console/queues/api/queues/${path}`;
async function change(method: string, path: string, body?: object, role = 'operator') {
  const answer = await fetch(at(path), {
    method,
    headers: {
      cookie: await cookieOf(db, role),
      'sec-fetch-site': 'same-origin',
      accept: 'application/json',
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, text: await answer.text() };
}
const delayed = (id: string) => queue.add('charge.succeeded', { eventId: id }, { jobId: id, delay: 3_600_000 });
const audit = () =>
  rows(db, `SELECT actor, action, subject, details FROM audit_log WHERE action LIKE 'queue.%' ORDER BY id`);
const held = async () => {
  const { checks, ready } = await (await fetch(`${api.url}/readyz`)).json();
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  const page = await (await browse(`${api.url}/console`, { cookie: await cookieOf(db, 'viewer') })).text();
  return {
    ready,
    queues: checks.queues,
    gauge: /quittance_queue_held\{queue="invoicing"\} (\d)/.exec(metrics)?.[1],
    overview: /role="alert">([^<]*)</.exec(page)?.[1],
  };
};

describe('what an operator may do in Bull Board', () => {
  test('is to promote and clean jobs, one or all of a state, and each is in the audit log', async () => {
    for (const id of ['evt_1', 'evt_2', 'evt_3']) await delayed(id);
    expect((await change('PUT', 'invoicing/evt_1/clean')).status).toBe(204);
    expect((await change('PUT', 'invoicing/evt_2/promote')).status).toBe(204);
    expect((await change('PUT', 'invoicing/promote')).status).toBe(200);
    expect(await queue.getJobCounts('waiting', 'delayed')).toEqual({ waiting: 2, delayed: 0 });
    const by = { actor: 'admin:operator', details: { queue: 'invoicing' } };
    const details = { queue: 'invoicing', state: 'delayed', count: 1, jobs: ['evt_3'] };
    expect(await audit()).toEqual([
      { ...by, action: 'queue.clean', subject: 'evt_1' },
      { ...by, action: 'queue.promote', subject: 'evt_2' },
      { ...by, action: 'queue.promote', subject: 'queue:invoicing', details },
    ]);
  });

  test.each([
    ['PUT', 'invoicing/pause', undefined],
    ['PUT', 'pause', undefined],
    ['PUT', 'invoicing/rate-limit', { max: 1, duration: 31_536_000_000 }],
    ['PUT', 'invoicing/concurrency', { concurrency: 1 }],
    ['PUT', 'invoicing/obliterate', {}],
    ['PUT', 'invoicing/empty', undefined],
    ['POST', 'invoicing/add', { name: 'charge.succeeded', data: { eventId: 'evt_9' }, options: { attempts: 99 } }],
    ['PATCH', 'invoicing/evt_1/update-data', { jobData: { eventId: 'evt_9' } }],
  ])('is not %s %s: it is refused with a sentence, and nothing has changed', async (method, path, body) => {
    await delayed('evt_1');
    const answer = await change(method, path, body);
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text).error).toContain('Only retry, promote and clean are done here.');
    expect(await queue.getMeta()).not.toMatchObject({ paused: true });
    expect([await queue.getGlobalRateLimit(), await queue.getGlobalConcurrency()]).toEqual([null, null]);
    expect((await queue.getJob('evt_1'))?.data).toEqual({ eventId: 'evt_1' });
    expect(await queue.getJobCounts('waiting', 'delayed')).toEqual({ waiting: 0, delayed: 1 });
    expect(await audit()).toEqual([]);
  });

  test('loses no event: whose job was cleaned gets another', async () => {
    await storedEvent(db, 'evt_cleaned', { ageSeconds: 60 });
    await delayed('evt_cleaned');
    expect((await change('PUT', 'invoicing/evt_cleaned/clean')).status).toBe(204);
    expect(await queue.getJob('evt_cleaned')).toBeUndefined();
    const jobs = jobQueues(connection, 'quittance', () => {});
    expect(await sweeper(db, jobs, createLog('error'), 30).runOnce()).toBe(1);
    expect(await queue.getWaitingCount()).toBe(1);
    await jobs.close();
  });
});

test('a viewer is shown a board without buttons, and none of its ways works for him', async () => {
  await delayed('evt_1');
  const list = async (role: string) => (await browse(at(''), { cookie: await cookieOf(db, role) })).json();
  const readOnly = async (role: string) =>
    (await list(role)).queues.map((one: { readOnlyMode: boolean }) => one.readOnlyMode);
  expect(await readOnly('viewer')).toEqual(Array(5).fill(true));
  expect(await readOnly('operator')).toEqual(Array(5).fill(false));
  expect((await change('PUT', 'invoicing/evt_1/clean', undefined, 'viewer')).status).toBe(403);
  expect(await audit()).toEqual([]);
});

test.each([
  ['an address that the board has not', 404, 'api/queues/no/such/place'],
  ['a file that it has not', 404, 'static/%00'],
  ['more jobs in one answer than anybody reads', 400, 'api/queues?activeQueue=invoicing&jobsPerPage=100000'],
  ['the same, asked for twice', 400, 'api/queues?activeQueue=invoicing&jobsPerPage=1&jobsPerPage=100000'],
  ['as many as it shows', 200, 'api/queues?activeQueue=invoicing&jobsPerPage=50'],
])('the board asked for %s answers %i', async (_what, status, path) => {
  const answer = await browse(`${api.url}/console/queues/${path}`, { cookie: await cookieOf(db, 'viewer') });
  expect(answer.status).toBe(status);
  expect(api.logs()).not.toContain('request failed');
});

describe('a queue that somebody holds, by whatever way', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['paused', () => queue.pause(), 'is paused'],
    ['throttled', () => queue.setGlobalRateLimit(1, 31_536_000_000), 'takes 1 jobs in 31536000 s at the most'],
    ['throttled in what it does at a time', () => queue.setGlobalConcurrency(1), 'takes 1 jobs at a time at the most'],
    ['out of its turn for a year', () => queue.rateLimit(31_536_000_000), 'takes no job for 8760 h'],
  ])('%s is told by health, metrics, overview and command line, which lets it go on', async (_how, hold, words) => {
    expect(await held()).toEqual({ ready: true, queues: 'ok', gauge: '0', overview: undefined });
    await hold();
    const sentence = `The queue invoicing ${words}. Let it go on: quittance queue resume invoicing`;
    expect(await held()).toEqual({ ready: true, queues: sentence, gauge: '1', overview: sentence });
    const list = await quittance(['queue', 'list'], settings);
    expect(list.stdout).toContain(`invoicing  0 waiting, 0 active, 0 delayed, 0 failed  HELD: it ${words}\n`);

    const resumed = await quittance(['queue', 'resume', 'invoicing', '--reason', 'the shop is open'], settings);
    expect([resumed.stdout, resumed.stderr]).toEqual(['invoicing goes on.\n', '']);
    expect(await held()).toEqual({ ready: true, queues: 'ok', gauge: '0', overview: undefined });
    expect(await audit()).toEqual([
      {
        actor: expect.stringMatching(/^cli:/),
        action: 'queue.resume',
        subject: 'queue:invoicing',
        details: { was: words },
      },
    ]);
    const again = await quittance(['queue', 'resume', 'invoicing'], settings);
    expect(again.stdout).toBe('invoicing is not held: nothing was changed.\n');
  });

  test('is not one that waits for Stripe for a few seconds', async () => {
    await queue.rateLimit(30_000);
    expect(await held()).toMatchObject({ queues: 'ok', gauge: '0' });
  });
});

test('the command line says which queues there are, and that Redis is away', async () => {
  const wrong = await quittance(['queue', 'resume', 'billing'], settings);
  expect([wrong.code, wrong.stderr]).toEqual([
    1,
    'There is no queue billing. Queues: invoicing, adjustments, subscriptions, notifications, maintenance.\n',
  ]);
  const away = await quittance(['queue', 'list'], { ...settings, REDIS_URL: 'redis://127.0.0.1:1' });
  expect([away.code, away.stderr]).toEqual([1, 'Redis (REDIS_URL) does not answer: the queues are there.\n']);
});
