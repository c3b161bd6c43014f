import { createServer, type Server } from 'node:http';
import { agreeDueAccess, agreeOnPolicy } from '../billing/access/access-by-time.ts';
import { policyIsAtWork } from '../billing/agreement/agreements.ts';
import { retryMarks } from '../billing/agreement/bring-into-agreement.ts';
import { closeEnded, decideSessions, walkSessions } from '../billing/checkouts/follow-sessions.ts';
import { openDeps } from '../billing/open-deps.ts';
import { askAboutDead } from '../billing/outgoing/ask-about-dead.ts';
import { endDueSubscriptions } from '../billing/recovery/end-at-stripe.ts';
import { retryDueCases } from '../billing/recovery/retry-case.ts';
import { agreeGivenUp, writeDueLetters } from '../billing/recovery/write-letters.ts';
import { askAboutSilence, withdrawGranted } from '../billing/stripe-away.ts';
import { askAboutUnbooked } from '../billing/stripe-invoices/await-booking.ts';
import { tellOperators } from '../billing/tell-operators.ts';
import { askAboutUnknownTypes } from '../billing/unknown-types.ts';
import { jobQueues } from '../jobs/enqueue.ts';
import { MESSAGE_QUEUE } from '../jobs/message.ts';
import type { QueueName } from '../jobs/queues.ts';
import { mailTransport } from '../messages/mail-transport.ts';
import type { Config } from '../platform/config.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { type Loop, loop } from '../platform/loop.ts';
import { workerConnection } from '../platform/redis.ts';
import { addressOf } from '../platform/server-address.ts';
import { addUpOnce } from './add-up.ts';
import { messageHandler } from './message.ts';
import { queueWorker } from './queue-worker.ts';
import { relayOnce } from './relay.ts';
import { pruneOnce } from './retention.ts';
import { stripeEventHandler } from './stripe-event.ts';
import { sweeper } from './sweeper.ts';
import { mailWriter } from './write-mail.ts';

/** A worker that takes jobs. */
export interface RunningWorker {
  /** Of its health, unless WORKER_PORT is off. */
  readonly url: string | undefined;
  /** Ends the jobs and rounds that it is at, takes no more, and closes what it has opened. */
  close(): Promise<void>;
}

const PRUNE_EVERY_MS = 3_600_000;
const RELAY_EVERY_MS = 500;
const TELL_EVERY_MS = 1_000;
const ADD_UP_EVERY_MS = 10_000;
const ASK_EVERY_MS = 60_000;
const LOOK_FOR_SILENCE_EVERY_MS = 10_000;
const RETRY_DEPENDENTS_EVERY_MS = 5_000;
const SAY_AT_WORK_EVERY_MS = 10_000;
const AGREE_ACCESS_EVERY_MS = 5_000;
const RECOVER_EVERY_MS = 5_000;
const FOLLOW_CHECKOUTS_EVERY_MS = 5_000;

/** Works on the named queues, and does what is done every so often. */
export async function startWorker(config: Config, names: readonly QueueName[], log: Log): Promise<RunningWorker> {
  const name = `worker ${names.join(',')}`;
  const connections = names.length * config.WORKER_CONCURRENCY + 4;
  const { deps, agreement, redis: signals, close: closeDeps } = openDeps(config, { name, connections }, log);
  const { db } = deps;
  const redis = workerConnection(config.REDIS_URL, log);

  const mail = config.SMTP_URL ? mailTransport(config.SMTP_URL, config.MAIL_FROM, config.SMTP_TLS) : undefined;
  const events = stripeEventHandler(deps);
  const business = {
    name: config.BUSINESS_NAME,
    details: config.BUSINESS_DETAILS,
    timeZone: config.BUSINESS_TIME_ZONE,
  };
  const messages = messageHandler({
    db,
    log,
    mail,
    operatorEmail: config.OPERATOR_EMAIL,
    allowPrivateWebhooks: config.ALLOW_PRIVATE_WEBHOOKS,
    render: mailWriter(business, { db, publicUrl: config.publicUrl }),
    onDead: askAboutDead,
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
  if (names.includes(MESSAGE_QUEUE)) {
    loops.push(loop(TELL_EVERY_MS, () => tellOperators(db), failed));
    loops.push(loop(RELAY_EVERY_MS, () => relayOnce(db, jobs), failed));
  }
  if (names.includes('maintenance')) {
    const sweep = sweeper(db, jobs, log, config.SWEEP_AFTER_SECONDS);
    loops.push(loop(config.SWEEP_EVERY_SECONDS * 1000, () => sweep.runOnce(), failed));
    loops.push(loop(PRUNE_EVERY_MS, () => pruneOnce(db), failed));
    loops.push(loop(ADD_UP_EVERY_MS, () => addUpOnce(db), failed));
    loops.push(loop(ASK_EVERY_MS, () => askAboutUnknownTypes(db), failed));
    loops.push(loop(ASK_EVERY_MS, () => askAboutUnbooked(db), failed));
    loops.push(loop(LOOK_FOR_SILENCE_EVERY_MS, () => askAboutSilence(db), failed));
    loops.push(loop(ASK_EVERY_MS, () => withdrawGranted(db), failed));
    loops.push(loop(RETRY_DEPENDENTS_EVERY_MS, () => retryMarks(db, agreement), failed));
    loops.push(loop(AGREE_ACCESS_EVERY_MS, () => agreeDueAccess(db, deps.changed), failed));
    loops.push(loop(AGREE_ACCESS_EVERY_MS, () => agreeOnPolicy(db, deps.policy.access, deps.changed), failed));
    const recovery = { policy: deps.policy.recovery, timeZone: config.BUSINESS_TIME_ZONE };
    loops.push(loop(RECOVER_EVERY_MS, () => agreeGivenUp(db, deps.changed), failed));
    loops.push(loop(RECOVER_EVERY_MS, () => writeDueLetters(db, recovery), failed));
    loops.push(loop(FOLLOW_CHECKOUTS_EVERY_MS, () => walkSessions(deps), failed));
    loops.push(loop(FOLLOW_CHECKOUTS_EVERY_MS, () => decideSessions(db), failed));
    loops.push(loop(ASK_EVERY_MS, () => closeEnded(deps), failed));
    loops.push(loop(RECOVER_EVERY_MS, () => retryDueCases(deps), failed));
    loops.push(loop(RECOVER_EVERY_MS, () => endDueSubscriptions(deps), failed));
    loops.push(loop(SAY_AT_WORK_EVERY_MS, () => policyIsAtWork(db, agreement.policy), failed));
  }
  const health = config.WORKER_PORT === 'off' ? undefined : await listen(config.HOST, config.WORKER_PORT);

  async function close(): Promise<void> {
    await Promise.all([...workers.map((worker) => worker.close()), ...loops.map((each) => each.stop())]);
    health?.close();
    mail?.close();
    await jobs.close();
    redis.disconnect();
    await closeDeps();
  }
  return { url: health && urlOf(health), close };
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
  const { address, port } = addressOf(server);
  return `http://${address}:${port}`;
}
