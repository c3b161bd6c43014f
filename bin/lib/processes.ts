import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkout, cleanEnvironment, type Environment } from './checkout.ts';
import { isAlive, type StopOptions, stopProcess } from './identity.ts';
import { forgetProcess, noteProcess, type Run, type RunProcess } from './runs.ts';
import { type Spawned, spawnNoted } from './spawn.ts';

/** One of our programs that is up and serves. */
export type Running = {
  name: string;
  pid: number;
  /** Where it serves HTTP, as its ready line says; empty for a process that serves none. */
  url: string;
  isAlive(): boolean;
  /** Sends one signal and does not wait. */
  kill(signal: NodeJS.Signals): void;
  /** Ends it and waits: SIGTERM first, SIGKILL after the grace. */
  stop(options?: StopOptions): Promise<void>;
  /** All that it has written since its start. */
  logs(): string;
};

export type Program = {
  /** Unique in the run: names the log file. */
  name: string;
  /** Compiled, relative to the checkout, such as `dist/src/api/main.js`. */
  file: string;
  words?: readonly string[];
  env?: Record<string, string | undefined>;
  /** Milliseconds until the ready line must have come. Default 20,000. */
  timeout?: number;
};

/** Starts a program of ours and waits for its ready line: `{"message":"ready","role":…,"url":…}` on standard output. */
export async function startProgram(run: Run, program: Program): Promise<Running> {
  const { name, timeout = 20_000 } = program;
  const spawned = spawnNoted(
    run,
    { name, store: false, stopSignal: 'SIGTERM' },
    {
      program: process.execPath,
      words: ['--enable-source-maps', join(checkout, program.file), ...(program.words ?? [])],
      env: cleanEnvironment(program.env),
      folder: checkout,
    },
  );
  const url = await readyUrl(spawned, name, timeout);
  const started: RunProcess = { ...spawned.process, url };
  noteProcess(run, started);
  return running(run, started, spawned.said);
}

/** Runs a program of ours to its end. Throws with all that it wrote when it fails; returns its standard output. */
export function runProgram(
  file: string,
  words: readonly string[],
  env: Environment | Record<string, string | undefined>,
  input = '',
): string {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [join(checkout, file), ...words], {
    cwd: checkout,
    env: cleanEnvironment(env),
    input,
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`${file} ${words.join(' ')} ended with ${status ?? signal}:\n${stdout}${stderr}`);
  return stdout;
}

/** Once more a handle on a process that an earlier command started. */
export function running(run: Run, started: RunProcess, said: () => string): Running {
  return {
    name: started.name,
    pid: started.pid,
    url: started.url ?? '',
    isAlive: () => isAlive(started),
    kill: (signal) => {
      if (isAlive(started)) process.kill(started.pid, signal);
    },
    stop: async (options) => {
      await stopProcess(started, options);
      forgetProcess(run, started);
    },
    logs: said,
  };
}

async function readyUrl(spawned: Spawned, name: string, timeout: number): Promise<string> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const alive = isAlive(spawned.process);
    const url = urlInReadyLine(spawned.said());
    if (url !== undefined) return url;
    if (!alive) throw new Error(`${name} ended before it was ready:\n${tail(spawned.said())}`);
    if (performance.now() > deadline) {
      await stopProcess(spawned.process, { grace: 500 });
      throw new Error(`${name} was not ready after ${timeout / 1000} s:\n${tail(spawned.said())}`);
    }
    await sleep(20);
  }
}

function urlInReadyLine(text: string): string | undefined {
  for (const line of text.split('\n')) {
    if (!line.includes('"ready"')) continue;
    try {
      const entry: unknown = JSON.parse(line);
      if (typeof entry !== 'object' || entry === null || !('message' in entry) || entry.message !== 'ready') continue;
      return 'url' in entry && typeof entry.url === 'string' ? entry.url : '';
    } catch {
      // not whole yet, or not ours
    }
  }
  return undefined;
}

function tail(text: string): string {
  return text.trim().split('\n').slice(-30).join('\n');
}
