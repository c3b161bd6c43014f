import { readdirSync, readFileSync } from 'node:fs';

/**
 * Processor time of processes, from /proc (Linux), in seconds: what they used, whatever else the machine was doing. Of
 * their children that have ended too (Postgres vacuums in processes that come and go).
 */
const TICKS_PER_SECOND = 100;

export function processorSeconds(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}

function ticksOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    return 0;
  }
}

/** A process and all below it. */
export function withChildren(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      parents.set(Number(name), Number(fields[1]));
    } catch {
      // It ended while we looked.
    }
  }
  const found = [pid];
  for (let next = 0; next < found.length; next += 1) {
    for (const [child, parent] of parents) if (parent === found[next]) found.push(child);
  }
  return found;
}
