import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './checkout.ts';
import { identify } from './identity.ts';
import { noteProcess, type Run, type RunProcess } from './runs.ts';

export type Command = {
  program: string;
  words: readonly string[];
  /** The whole environment; nothing is inherited. */
  env: Environment;
  folder: string;
  uid?: number;
  gid?: number;
};

/** A process of a run, with its output in a file; `said()` is what it has written since this start. */
export type Spawned = { process: RunProcess; said(): string };

/**
 * Starts a process that outlives us, in a group of its own (so that Ctrl-C reaches us alone and we stop it in order),
 * and notes it in the run before anything else happens.
 */
export function spawnNoted(run: Run, noted: Omit<RunProcess, 'pid' | 'startedAt'>, command: Command): Spawned {
  const log = logFile(run, noted.name);
  const output = openSync(log, 'a', 0o600);
  const { size } = statSync(log);
  const { uid, gid } = command;
  const child = spawn(command.program, command.words, {
    cwd: command.folder,
    detached: true,
    env: command.env,
    stdio: ['ignore', output, output],
    ...(uid === undefined || gid === undefined ? {} : { uid, gid }),
  });
  closeSync(output);
  child.on('error', () => {}); // told below by the missing pid
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const said = () => readFrom(log, size);
  if (identity === undefined) throw new Error(`${noted.name} did not start (${command.program}): ${said()}`);
  const running: RunProcess = { ...noted, ...identity };
  try {
    noteProcess(run, running);
  } catch (error) {
    child.kill('SIGKILL'); // the run was ended meanwhile: nobody would ever stop this process
    throw error;
  }
  child.unref();
  return { process: running, said };
}

export function logFile(run: Run, name: string): string {
  return join(run.folder, 'logs', `${name}.log`);
}

/** Text of a file from a byte on; empty when there is none. */
export function readFrom(file: string, start: number): string {
  const handle = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, statSync(file).size - start));
    const read = bytes.length === 0 ? 0 : readSync(handle, bytes, 0, bytes.length, start);
    return bytes.toString('utf8', 0, read);
  } finally {
    closeSync(handle);
  }
}
