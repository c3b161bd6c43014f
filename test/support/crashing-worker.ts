import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import { isAlive } from '../../bin/lib/identity.ts';
import { forgetProcess } from '../../bin/lib/runs.ts';
import { spawnNoted } from '../../bin/lib/spawn.ts';
import type { QueueName } from '../../src/jobs/queues.ts';
import { stripeEventJobOptions } from '../../src/jobs/stripe-event.ts';
import { type Crash, type CrashLine, crashLines } from './crash-plan.ts';
import { until } from './eventually.ts';
import type { Settings } from './processes.ts';
import { testRun, uniqueName } from './run.ts';

type Planned = readonly { readonly event: string; readonly crash: Crash }[];

/**
 * Gives these events to a worker of their own, in a queue that nobody else sees, and lets it be killed when each stands at
 * its point.
 * @returns how each event ended, in the order of the plan
 */
export async function crashAll(
  plan: Planned,
  settings: Settings,
  queue: QueueName = 'invoicing',
): Promise<CrashLine[]> {
  const name = uniqueName('crashing');
  await enqueueOnly(plan, settings, name, queue);
  const words = ['--import', './test/support/crash-preload.ts', 'dist/src/workers/main.js', queue];
  return untilKilled(name, words, plan, {
    ...settings,
    QUEUE_PREFIX: name,
    WORKER_CONCURRENCY: String(plan.length),
  });
}

/** The same for people who decide about open questions, whose ids stand in the plan for those of events. */
export async function crashDecisions(choice: string, plan: Planned, settings: Settings): Promise<CrashLine[]> {
  const words = ['./test/support/crashing-decisions.ts'];
  return untilKilled(uniqueName('crashing'), words, plan, { ...settings, CHOICE: choice });
}

/** The same for customers and operators at own invoices, whose ids stand in the plan. `doing`: what each of them does. */
export async function crashCheckouts(doing: object, plan: Planned, settings: Settings): Promise<CrashLine[]> {
  const words = ['./test/support/crashing-checkouts.ts'];
  return untilKilled(uniqueName('crashing'), words, plan, { ...settings, DOING: JSON.stringify(doing) });
}

/** The same for walks through the list of Checkout Sessions, each in a database of its own, whose URLs stand in the plan. */
export async function crashWalks(plan: Planned, settings: Settings): Promise<CrashLine[]> {
  return untilKilled(uniqueName('crashing'), ['./test/support/crashing-walks.ts'], plan, settings);
}

/** The same for customers who change their subscriptions, whose ids stand in the plan. `doing`: what each has confirmed. */
export async function crashChanges(doing: object, plan: Planned, settings: Settings): Promise<CrashLine[]> {
  const words = ['./test/support/crashing-changes.ts'];
  return untilKilled(uniqueName('crashing'), words, plan, { ...settings, DOING: JSON.stringify(doing) });
}

/** The same for operators at subscriptions, whose ids stand in the plan. `doing`: what each of them does. */
export async function crashDeeds(doing: object, plan: Planned, settings: Settings): Promise<CrashLine[]> {
  const words = ['./test/support/crashing-deeds.ts'];
  return untilKilled(uniqueName('crashing'), words, plan, { ...settings, DOING: JSON.stringify(doing) });
}

/** The same for cases of failed payments, whose invoices stand in the plan. `doing`: what is done about each of them. */
export async function crashRecoveries(doing: object, plan: Planned, settings: Settings): Promise<CrashLine[]> {
  const words = ['./test/support/crashing-recoveries.ts'];
  return untilKilled(uniqueName('crashing'), words, plan, { ...settings, DOING: JSON.stringify(doing) });
}

/** Starts the process, and waits until it has killed itself. */
async function untilKilled(
  name: string,
  words: readonly string[],
  plan: Planned,
  settings: Settings,
): Promise<CrashLine[]> {
  const run = testRun();
  const started = spawnNoted(
    run,
    { name, store: false, stopSignal: 'SIGKILL' },
    {
      program: process.execPath,
      words,
      folder: checkout,
      env: cleanEnvironment({
        ...settings,
        CRASH_PLAN: JSON.stringify(Object.fromEntries(plan.map(({ event, crash }) => [event, crash]))),
      }),
    },
  );
  await until(() => !isAlive(started.process), { timeout: 30_000, what: `${name} has killed itself` }).catch(
    (error: unknown) => {
      throw new Error(`${error}\n${started.said().slice(-3_000)}`);
    },
  );
  forgetProcess(run, started.process);
  const lines = new Map(crashLines(started.said()).map((line) => [line.event, line]));
  return plan.map(({ event }) => {
    const line = lines.get(event);
    if (!line) throw new Error(`${name} ended without a word on ${event}: ${started.said().slice(-3_000)}`);
    return line;
  });
}

async function enqueueOnly(plan: Planned, settings: Settings, prefix: string, name: QueueName): Promise<void> {
  const connection = new Redis(settings.REDIS_URL ?? '');
  const queue = new Queue(name, { connection, prefix, defaultJobOptions: stripeEventJobOptions });
  try {
    const jobs = plan.map(({ event }) => ({ name: 'event', data: { eventId: event }, opts: { jobId: event } }));
    await queue.addBulk(jobs);
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
