import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openDeps } from '../billing/open-deps.ts';
import { jobQueues } from '../jobs/enqueue.ts';
import { MESSAGE_QUEUE } from '../jobs/message.ts';
import { isQueueName, QUEUES, type QueueName } from '../jobs/queues.ts';
import { mailTransport } from '../messages/mail-transport.ts';
import { ConfigError, loadConfig } from '../platform/config.ts';
import { messageOf, sayReady } from '../platform/log.ts';
import { type Loop, loop } from '../platform/loop.ts';
import { workerConnection } from '../platform/redis.ts';
import { runProcess } from '../platform/run-process.ts';
import { onStop } from '../platform/shutdown.ts';
import { messageHandler } from './message.ts';
import { queueWorker } from './queue-worker.ts';
import { relayOnce } from './relay.ts';
import { pruneOnce } from './retention.ts';
import { stripeEventHandler } from './stripe-event.ts';
import { sweeper } from './sweeper.ts';

/** `npm run worker [-- invoicing,maintenance]`: one process that works on the named queues, or on all of them. */
const PRUNE_EVERY_MS = 3_600_000;
const RELAY_EVERY_MS = 500;

function queuesAskedFor(argument: string | undefined): QueueName[] {
  if (!argument) return [...QUEUES];
  const names = argument.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !isQueueName(name));
  if (unknown.length > 0) {
    throw new ConfigError(`There is no queue ${unknown.join(', ')}. Queues: ${QUEUES.join(', ')}.`);
  }
  return names.filter(isQueueName);
}

async function main(): Promise<void> {
  const config = loadConfig();
  const names = queuesAskedFor(process.argv[2]);
  const {
    deps,
    redis: signals,
    close,
  } = openDeps(config, {
    role: 'worker',
    name: `worker ${names.join(',')}`,
    connections: names.length * config.WORKER_CONCURRENCY + 4,
  });
  const { db, log } = deps;
  const redis = workerConnection(config.REDIS_URL, log);

  const mail = config.SMTP_URL ? mailTransport(config.SMTP_URL, config.MAIL_FROM) : undefined;
  const events = stripeEventHandler(deps);
  const messages = messageHandler({
    db,
    log,
    mail,
    operatorEmail: config.OPERATOR_EMAIL,
    allowPrivateWebhooks: config.ALLOW_PRIVATE_WEBHOOKS,
    business: { name: config.BUSINESS_NAME, details: config.BUSINESS_DETAILS },
    publicUrl: config.publicUrl,
  });
  const workers = names.map((queue) =>
    queueWorker({
      queue,
      log,
      handle: queue === MESSAGE_QUEUE ? messages : events,
      connection: redis,
      prefix: config.QUEUE_PREFIX,
      concurrency: config.WORKER_CONCURRENCY,
    }),
  );
  const jobs = jobQueues(signals, config.QUEUE_PREFIX, (error) => log.debug('queue', { error: error.message }));
  const loops: Loop[] = [];
  const failed = (error: unknown): void => {
    log.warn('maintenance round failed', { error: messageOf(error) });
  };
  if (names.includes(MESSAGE_QUEUE)) loops.push(loop(RELAY_EVERY_MS, () => relayOnce(db, jobs), failed));
  if (names.includes('maintenance')) {
    const sweep = sweeper(db, jobs, log, config.SWEEP_AFTER_SECONDS);
    loops.push(loop(config.SWEEP_EVERY_SECONDS * 1000, () => sweep.runOnce(), failed));
    loops.push(loop(PRUNE_EVERY_MS, () => pruneOnce(db), failed));
  }
  const health = config.WORKER_PORT === 'off' ? undefined : await listen(config.HOST, config.WORKER_PORT);

  onStop(log, config.SHUTDOWN_SECONDS, async () => {
    await Promise.all([...workers.map((worker) => worker.close()), ...loops.map((each) => each.stop())]);
    health?.close();
    mail?.close();
    await jobs.close();
    redis.disconnect();
    await close();
  });
  sayReady({ role: 'worker', queues: names, ...(health ? { url: urlOf(health) } : {}) });
}

/** Alive means: this process answers. Whether work gets done shows in the api's /readyz (lag) and /metrics. */
async function listen(host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const known = request.url === '/healthz';
    response.writeHead(known ? 200 : 404, { 'content-type': 'application/json' });
    response.end(known ? '{"status":"alive"}' : '{"error":"not found"}');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

function urlOf(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return `http://${address}:${port}`;
}

await runProcess(main);
