import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import { isAlive } from '../../bin/lib/identity.ts';
import { forgetProcess } from '../../bin/lib/runs.ts';
import { spawnNoted } from '../../bin/lib/spawn.ts';
import { stripeEventJobOptions } from '../../src/jobs/stripe-event.ts';
import { type Crash, type CrashLine, crashLines } from './crash-plan.ts';
import { until } from './eventually.ts';
import type { Settings } from './processes.ts';
import { testRun, uniqueName } from './run.ts';

/**
 * Gives these events to a worker of their own, in a queue that nobody else sees, and lets it be killed when each stands at
 * its point.
 * @returns how each event ended, in the order of the plan
 */
export async function crashAll(
  plan: readonly { event: string; crash: Crash }[],
  settings: Settings,
): Promise<CrashLine[]> {
  const name = uniqueName('crashing');
  await enqueueOnly(plan, settings, name);
  const run = testRun();
  const worker = spawnNoted(
    run,
    { name, store: false, stopSignal: 'SIGKILL' },
    {
      program: process.execPath,
      words: ['--import', './test/support/crash-preload.ts', 'dist/src/workers/main.js', 'invoicing'],
      folder: checkout,
      env: cleanEnvironment({
        ...settings,
        QUEUE_PREFIX: name,
        WORKER_CONCURRENCY: String(plan.length),
        CRASH_PLAN: JSON.stringify(Object.fromEntries(plan.map(({ event, crash }) => [event, crash]))),
      }),
    },
  );
  await until(() => !isAlive(worker.process), { timeout: 30_000, what: `the worker ${name} has killed itself` }).catch(
    (error: unknown) => {
      throw new Error(`${error}\n${worker.said().slice(-3_000)}`);
    },
  );
  forgetProcess(run, worker.process);
  const lines = new Map(crashLines(worker.said()).map((line) => [line.event, line]));
  return plan.map(({ event }) => {
    const line = lines.get(event);
    if (!line) throw new Error(`Worker ${name} ended without a word on ${event}: ${worker.said().slice(-3_000)}`);
    return line;
  });
}

async function enqueueOnly(plan: readonly { event: string }[], settings: Settings, prefix: string): Promise<void> {
  const connection = new Redis(settings.REDIS_URL ?? '');
  const queue = new Queue('invoicing', { connection, prefix, defaultJobOptions: stripeEventJobOptions });
  try {
    const jobs = plan.map(({ event }) => ({ name: 'event', data: { eventId: event }, opts: { jobId: event } }));
    await queue.addBulk(jobs);
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
