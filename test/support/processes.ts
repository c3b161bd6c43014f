import { z } from 'zod';
import { type Program, type Running, startProgram } from '../../bin/lib/processes.ts';
import { releaseAfterFile } from './clean-up.ts';
import { testRun, uniqueName } from './run.ts';
import { simulatorKey } from './simulator-key.ts';

export type { Running } from '../../bin/lib/processes.ts';
export { simulatorKey } from './simulator-key.ts';

/** Configuration of the api and the workers, by the names of the environment variables. */
export type Settings = Record<string, string | undefined>;

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
export async function startSimulator(options: SimulatorOptions = {}): Promise<Running> {
  const { port = 0, key = simulatorKey, webhook } = options;
  const words = ['--port', String(port), '--key', key];
  if (webhook) words.push('--webhook-url', webhook.url, '--webhook-secret', webhook.secret);
  const env = { STRIPE_CONTRACT_DIR: process.env.STRIPE_CONTRACT_DIR };
  const simulator = await start({ name: 'simulator', file: 'dist/simulator/main.js', words, env });
  if (env.STRIPE_CONTRACT_DIR) releaseAfterFile(() => assertConformance(simulator));
  return simulator;
}

async function assertConformance(simulator: Running): Promise<void> {
  if (!simulator.isAlive()) return; // a test that ends it itself has to look before
  const answer = await fetch(`${simulator.url}/_sim/conformance`);
  const { violation_count: count, violations } = conformance.parse(await answer.json());
  if (count > 0) {
    throw new Error(
      `${count} violations of Stripe's contract, such as ${JSON.stringify(violations.slice(0, 3), null, 2)}`,
    );
  }
}

const conformance = z.object({ violation_count: z.number(), violations: z.array(z.unknown()) });

/** An api process. PORT defaults to a free port, HOST to 127.0.0.1. */
export async function startApi(settings: Settings): Promise<Running> {
  return start({ name: 'api', file: 'dist/src/api/main.js', env: { PORT: '0', HOST: '127.0.0.1', ...settings } });
}

/** A worker process for these queues; none named means all. */
export async function startWorker(queues: readonly string[], settings: Settings): Promise<Running> {
  const words = queues.length > 0 ? [queues.join(',')] : [];
  return start({ name: 'worker', file: 'dist/src/workers/main.js', words, env: settings });
}

/** Starts a compiled program and ends it after the test file at the latest. */
async function start(program: Program): Promise<Running> {
  const started = await startProgram(testRun(), { ...program, name: uniqueName(program.name) });
  releaseAfterFile(() => started.stop());
  return started;
}
