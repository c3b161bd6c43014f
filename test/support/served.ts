import { Writable } from 'node:stream';
import winston from 'winston';
import { Conformance } from '../../simulator/core/conformance.ts';
import * as simulator from '../../simulator/simulator.ts';
import * as api from '../../src/api/start-api.ts';
import { QUEUES, type QueueName } from '../../src/jobs/queues.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { createLog, type Log } from '../../src/platform/log.ts';
import * as worker from '../../src/workers/start-worker.ts';
import { releaseAfterFile } from './clean-up.ts';
import type { Settings } from './processes.ts';
import { simulatorKey } from './simulator-key.ts';

/**
 * A part of the system, up in the process of the test: it opens what a process of its own would open, and starts in a tenth
 * of the time. What kills one, or looks at its signals, output or clock, starts it with `processes.ts`.
 */
export type Served = {
  /** Where it serves HTTP; empty when it serves none. */
  url: string;
  /** All that it has logged since its start. */
  logs(): string;
  /** Graceful, as by SIGTERM. */
  stop(): Promise<void>;
};

/** PORT defaults to a free port. */
export async function startApi(settings: Settings): Promise<Served> {
  return served(settings, (config, log) => api.startApi(config, log));
}

/** A worker for these queues; none named means all. */
export async function startWorker(queues: readonly QueueName[], settings: Settings): Promise<Served> {
  return served(settings, (config, log) => worker.startWorker(config, queues.length > 0 ? queues : QUEUES, log));
}

type Start = (
  config: ReturnType<typeof loadConfig>,
  log: Log,
) => Promise<{ url?: string | undefined; close(): Promise<void> }>;

async function served(settings: Settings, start: Start): Promise<Served> {
  if (settings.NODE_OPTIONS) throw new Error('Bug: options of Node need a process of its own');
  const config = loadConfig({ PORT: '0', HOST: '127.0.0.1', ...settings });
  const lines: string[] = [];
  const stream = new Writable({
    write(line, _, done) {
      lines.push(String(line));
      done();
    },
  });
  const log = createLog(config.LOG_LEVEL, {}, new winston.transports.Stream({ stream }));
  const { url = '', close } = await start(config, log);
  return { url, logs: () => lines.join(''), stop: onceAfterFile(close) };
}

export type ServedSimulator = Omit<Served, 'logs'>;

export type SimulatorOptions = {
  /** Port, when something had to know it before; default a free one. */
  port?: number;
  /** The secret key that it accepts. Default `sk_test_quittance`. */
  key?: string;
  webhook?: { url: string; secret: string };
};

/**
 * A simulated Stripe of its own, empty. Where Stripe's contract is at hand (STRIPE_CONTRACT_DIR), it checks every request
 * and response by it, and a violation fails the test file at its end.
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<ServedSimulator> {
  const { port = 0, key = simulatorKey, webhook } = options;
  const conformance = Conformance.fromEnvironment(() => {});
  const { world, url, close } = await simulator.startSimulator({ port, keys: [key], conformance });
  if (webhook) world.listen(world.firstAccount(), webhook.url, webhook.secret);
  const stop = onceAfterFile(close);
  if (conformance) releaseAfterFile(async () => expectNoViolation(conformance));
  return { url, stop };
}

function expectNoViolation({ violationCount, violations }: Conformance): void {
  if (violationCount === 0) return;
  const examples = JSON.stringify(violations.slice(0, 3), null, 2);
  throw new Error(`${violationCount} violations of Stripe's contract, such as ${examples}`);
}

/** @returns how to close it before the end of the file */
function onceAfterFile(close: () => Promise<void>): () => Promise<void> {
  let closed: Promise<void> | undefined;
  const once = (): Promise<void> => (closed ??= close());
  releaseAfterFile(once);
  return once;
}
