import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { localFolder } from './checkout.ts';
import { explain } from './complaint.ts';
import { isAlive, stopProcess } from './identity.ts';
import { keepServices, keptServices } from './kept-services.ts';
import { withLock } from './lock.ts';
import { givenServices, type Services, startServices } from './private-services.ts';
import { line } from './progress.ts';
import { createRun, endAbandonedTestRuns, endRun, listRuns, processesOf, type Run } from './runs.ts';

const usage = `Usage: bin/services start | stop | status

  start    a private Postgres and Redis that stay up; prints DATABASE_URL and REDIS_URL to export
  stop     ends everything that bin/services, bin/demo and bin/test of this checkout started, and removes its data
  status   lists what runs
`;

/** A second start waits for the first, and finds what that one started. */
async function start(): Promise<void> {
  await endAbandonedTestRuns();
  await withLock('services-start', startOrFind);
}

async function startOrFind(): Promise<void> {
  const kept = keptServices();
  if (kept !== undefined) {
    line(`Already up since ${kept.run.createdAt}`);
    return print(kept.services);
  }
  const run = createRun('services');
  try {
    const services = await startServices(run, { durable: true, given: givenServices() });
    keepServices(run, services);
    line('They stay up, with their data, until bin/services stop.');
    print(services);
  } catch (error) {
    await endRun(run);
    throw error;
  }
}

function print({ databaseUrl, redisUrl }: Services): void {
  process.stdout.write(`DATABASE_URL=${databaseUrl}\nREDIS_URL=${redisUrl}\n`);
}

async function stop(): Promise<void> {
  const runs = listRuns();
  let stopped = 0;
  for (const run of runs) {
    // A test run in progress is told first, so that it starts nothing new.
    if (await stopProcess(run.owner, { grace: 20_000 })) line(`Stopped ${describe(run)} itself (${run.owner.pid})`);
    for (const one of await endRun(run)) {
      stopped++;
      line(`Stopped ${one.name} (${one.pid}) of ${describe(run)}`);
    }
  }
  rmSync(join(localFolder, 'demo.json'), { force: true });
  process.stdout.write(`${stopped} processes stopped, ${runs.length} runs removed\n`);
}

function status(): void {
  const runs = listRuns();
  if (runs.length === 0) process.stdout.write('Nothing runs\n');
  for (const run of runs) {
    process.stdout.write(`${describe(run)}\n`);
    for (const one of processesOf(run)) {
      process.stdout.write(`  ${one.name.padEnd(16)} ${String(one.pid).padStart(8)}  ${one.url ?? ''}\n`);
    }
  }
}

function describe(run: Run): string {
  const abandoned = run.kind === 'test' && !isAlive(run.owner) ? ', left behind' : '';
  return `${run.kind} of ${run.createdAt}${abandoned}`;
}

try {
  const command = process.argv[2];
  if (command === 'start') await start();
  else if (command === 'stop') await stop();
  else if (command === 'status') status();
  else {
    process.stderr.write(usage);
    process.exitCode = 2;
  }
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
