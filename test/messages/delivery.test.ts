import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { receipt as receiptLetter } from '../../src/billing/letters/receipt.ts';
import { type JobQueues, jobQueues } from '../../src/jobs/enqueue.ts';
import { MESSAGE_QUEUE } from '../../src/jobs/message.ts';
import { rows } from '../../src/platform/db.ts';
import { createLog } from '../../src/platform/log.ts';
import { signalConnection, workerConnection } from '../../src/platform/redis.ts';
import { queueWorker } from '../../src/workers/queue-worker.ts';
import { relayOnce } from '../../src/workers/relay.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { startMailCatcher } from '../support/mail-catcher.ts';
import { outboxUnderTest, tellSystem } from '../support/outbox.ts';
import { type Settings, simulatorKey, startWorkerProcess } from '../support/processes.ts';
import { recordedPaid } from '../support/recorded-invoices.ts';
import { freshRedis } from '../support/redis.ts';
import { type Served, startWorker } from '../support/served.ts';
import { startWebhookSink } from '../support/webhook-sink.ts';

/** Real workers on the outbox, with a real SMTP server and a real endpoint. */
const outbox = await outboxUnderTest();
const { db, event, mail, state, makeDue } = outbox;
const redis = await freshRedis();
const catcher = await startMailCatcher();
const sink = await startWebhookSink();
const log = createLog('error');

const settings: Settings = {
  DATABASE_URL: outbox.databaseUrl,
  REDIS_URL: redis.url,
  STRIPE_SECRET_KEY: simulatorKey,
  STRIPE_API_BASE: 'http://127.0.0.1:9',
  SMTP_URL: catcher.smtp,
  MAIL_FROM: 'Atelier <billing@atelier.example>',
  ALLOW_PRIVATE_WEBHOOKS: 'on',
};
let workers: Served[] = [];
const start = async () => void workers.push(await startWorker([MESSAGE_QUEUE], settings));
const startDoomed = () => startWorkerProcess([MESSAGE_QUEUE], settings);

beforeEach(async () => {
  await rows(db, 'TRUNCATE outgoing_endpoints, messages, message_attempts CASCADE');
  await redis.flush();
  await catcher.clear();
  sink.received.length = 0;
  await tellSystem(db, sink.url);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
});

const sent = (id: string) => until(async () => (await state(id)).state === 'sent', { what: `${id} is sent` });
const receipt = async () => mail(receiptLetter, { invoice: (await recordedPaid(db)).id });

/** For the signals: all that was due and told of is a minute older. */
const minutePasses = () =>
  rows(
    db,
    `UPDATE messages SET next_attempt_at = next_attempt_at - interval '61 seconds', signalled_at = signalled_at - interval '61 seconds'`,
  );

async function queues(): Promise<JobQueues> {
  const connection = signalConnection(redis.url, log);
  await until(() => connection.status === 'ready');
  const jobs = jobQueues(connection, 'quittance', () => {});
  releaseAfterFile(async () => {
    await jobs.close();
    connection.disconnect();
  });
  return jobs;
}

test('what is in the outbox goes out by itself, mails and events', async () => {
  await start();
  const ids = [await receipt(), await event()];
  await Promise.all(ids.map(sent));
  expect(await catcher.mails()).toHaveLength(1);
  expect(sink.received).toHaveLength(1);
});

test('two workers send each message once', async () => {
  await Promise.all([start(), start()]);
  const ids: string[] = [];
  for (let n = 0; n < 30; n += 1) ids.push(n % 3 === 0 ? await receipt() : await event());
  await Promise.all(ids.map(sent));
  const told = [
    ...sink.received.map(({ headers }) => String(headers['webhook-id'])),
    ...(await catcher.mails()).map(({ message_id }) => message_id.slice(1, 37)),
  ];
  expect(told.sort()).toEqual(ids.sort());
});

test('a signal that is lost with Redis is given again after a minute', async () => {
  const id = await event();
  const jobs = await queues();
  expect(await relayOnce(db, jobs)).toBe(1);
  await redis.flush();
  expect(await relayOnce(db, jobs), 'it was given just now').toBe(0);
  await minutePasses();
  await start();
  await sent(id);
  expect(sink.received).toHaveLength(1);
});

test('a message that Redis was not there for is signalled as soon as it is', async () => {
  const id = await event();
  const jobs = await queues();
  const away = { ...jobs, enqueueMessages: () => Promise.reject(new Error('Redis is not reachable')) };
  await expect(relayOnce(db, away)).rejects.toThrow('Redis is not reachable');
  expect(await relayOnce(db, jobs)).toBe(1);
  await start();
  await sent(id);
});

test('a job that failed, as when the database is away, is not in the way of the next', async () => {
  const id = await event();
  const jobs = await queues();
  let runs = 0;
  const connection = workerConnection(redis.url, log);
  const worker = queueWorker({
    queue: MESSAGE_QUEUE,
    log,
    connection,
    prefix: 'quittance',
    concurrency: 1,
    handle: async () => {
      runs += 1;
      throw new Error('the database is away');
    },
  });
  for (let round = 1; round <= 3; round += 1) {
    await makeDue(id);
    await relayOnce(db, jobs);
    await until(() => runs === round, { what: `run ${round}` });
    await until(async () => (await jobs.queues[MESSAGE_QUEUE].getJobCounts('active')).active === 0);
  }
  await worker.close();
  connection.disconnect();
});

describe('a worker that is killed', () => {
  test('after the SMTP server took the mail, before that was recorded: it goes out again, recognisable', async () => {
    await catcher.behave('hang', 'data');
    const id = await receipt();
    const doomed = await startDoomed();
    await until(async () => (await catcher.mails()).length === 1, { what: 'the server has the mail' });
    doomed.kill('SIGKILL');
    await catcher.behave('accept');
    expect(await state(id)).toMatchObject({ state: 'pending', attempts: 1 });
    await start();
    await makeDue(id);
    await sent(id);
    const ids = (await catcher.mails()).map(({ message_id }) => message_id);
    expect(ids).toEqual([`<${id}@atelier.example>`, `<${id}@atelier.example>`]);
  });

  test('keeps its message from nobody for longer than its lease', async () => {
    const id = await event();
    sink.answer(() => {});
    const doomed = await startDoomed();
    await until(() => sink.received.length === 1);
    doomed.kill('SIGKILL');
    sink.answer(204);
    await start();
    expect(await state(id)).toMatchObject({ state: 'pending', attempts: 1 });
    const [lease] = await rows<{ seconds: number }>(
      db,
      'SELECT extract(epoch FROM lease_until - now())::float AS seconds FROM messages WHERE id = ?',
      [id],
    );
    expect(lease?.seconds).toBeLessThan(90);
    await rows(db, 'UPDATE messages SET lease_until = now()');
    await minutePasses();
    await sent(id);
    expect(new Set(sink.received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([id]));
  });
});
