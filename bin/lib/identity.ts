import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A process, told apart from a later one that was given the same number: `startedAt` holds the boot of the machine and
 * the start in clock ticks since. Never signal a pid that was read from a file without comparing this first.
 */
export type ProcessIdentity = { pid: number; startedAt: string };

/** The identity of a living process, or undefined when there is none (a zombie counts as none). */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

export type StopOptions = {
  /** How the process is asked to stop. Default SIGTERM. */
  signal?: NodeJS.Signals;
  /** How long it may take before SIGKILL, in milliseconds. Default 8,000. */
  grace?: number;
};

/** Ends one process of ours and waits until it is gone. Returns false when it was gone already. */
export async function stopProcess(identity: ProcessIdentity, options: StopOptions = {}): Promise<boolean> {
  if (!isAlive(identity)) return false;
  const { signal = 'SIGTERM', grace = 8_000 } = options;
  process.kill(identity.pid, signal);
  // A process that a test has paused takes no signal until it is resumed.
  if (isAlive(identity)) process.kill(identity.pid, 'SIGCONT');
  if (await isGone(identity, grace)) return true;
  if (isAlive(identity)) process.kill(identity.pid, 'SIGKILL');
  if (!(await isGone(identity, 5_000))) throw new Error(`Process ${identity.pid} does not end, not even by SIGKILL`);
  return true;
}

/** Waits until the process is gone, at most `timeout` milliseconds. */
export async function isGone(identity: ProcessIdentity, timeout: number): Promise<boolean> {
  const deadline = performance.now() + timeout;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await sleep(15);
  }
  return true;
}

let boot: string | undefined;

function startOnLinux(pid: number): string | undefined {
  try {
    // proc(5): the name in parentheses may hold anything, so count from the last one. Field 3 is the state, 22 the start.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

function startByPs(pid: number): string | undefined {
  const answer = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.trim();
  return answer && !answer.startsWith('Z') ? answer.replace(/^\S+\s+/, '') : undefined;
}
