import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { localFolder } from './checkout.ts';
import { identify, isAlive, type ProcessIdentity, stopProcess } from './identity.ts';

/** `test` ends with its owner; `services` and `demo` stay up until they are stopped. */
export type RunKind = 'test' | 'services' | 'demo';

/** One start of ours: a folder with what runs in it, so that any later command can end it, even after a crash. */
export type Run = {
  kind: RunKind;
  /** `.local/runs/<kind>-<pid>-<random>`, with `processes/`, `logs/` and the data of the stores. */
  folder: string;
  owner: ProcessIdentity;
  createdAt: string;
};

export type RunProcess = ProcessIdentity & {
  name: string;
  /** Stores are stopped after everything that uses them. */
  store: boolean;
  stopSignal: NodeJS.Signals;
  url?: string;
};

const runsFolder = join(localFolder, 'runs');

export function createRun(kind: RunKind): Run {
  const owner = identify(process.pid);
  if (owner === undefined) throw new Error('This system does not tell when a process was started (no /proc, no ps)');
  mkdirSync(runsFolder, { recursive: true });
  const name = `${kind}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const run: Run = { kind, folder: join(runsFolder, name), owner, createdAt: new Date().toISOString() };
  // Filled before it gets its name: a run without its record is never seen.
  const unfinished = join(runsFolder, `.${name}`);
  for (const folder of [unfinished, join(unfinished, 'processes'), join(unfinished, 'logs')]) mkdirSync(folder);
  // Others may pass through to what is given to them by name (Postgres under root runs as another user), not look around.
  chmodSync(unfinished, 0o711);
  writeFileSync(join(unfinished, 'run.json'), JSON.stringify(run), { mode: 0o600 });
  renameSync(unfinished, run.folder);
  return run;
}

/** The run in that folder; for processes that work for a run which another one owns. */
export function openRun(folder: string): Run {
  return { ...JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')), folder };
}

export function listRuns(): Run[] {
  if (!existsSync(runsFolder)) return [];
  return readdirSync(runsFolder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => {
      const record = readIfThere(join(runsFolder, name, 'run.json'));
      return record === undefined ? [] : [{ ...JSON.parse(record), folder: join(runsFolder, name) }];
    });
}

/** Notes a process before anything else is done with it: what is not noted is not stopped after a crash. */
export function noteProcess(run: Run, noted: RunProcess): void {
  writeWhole(processFile(run, noted), JSON.stringify(noted));
}

export function forgetProcess(run: Run, noted: RunProcess): void {
  rmSync(processFile(run, noted), { force: true });
}

/** The processes of a run that are alive, and proven to be ours by their start. */
export function processesOf(run: Run): RunProcess[] {
  const folder = join(run.folder, 'processes');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name): RunProcess[] => {
      const noted = readIfThere(join(folder, name));
      return noted === undefined ? [] : [JSON.parse(noted)];
    })
    .filter(isAlive);
}

/** Stops what is alive of a run, users before stores, and removes its folder. Returns what was stopped. */
export async function endRun(run: Run): Promise<RunProcess[]> {
  const living = processesOf(run);
  for (const store of [false, true]) {
    const wave = living.filter((one) => one.store === store);
    await Promise.all(wave.map((one) => stopProcess(one, { signal: one.stopSignal })));
  }
  for (const outside of outsideFoldersOf(run)) {
    rmSync(outside, { recursive: true, force: true });
    removeWhenEmpty(dirname(outside));
  }
  rmSync(run.folder, { recursive: true, force: true, maxRetries: 5 });
  return living;
}

/** Ends the runs of kind `test` whose owner is dead. Returns how many there were. */
export async function endAbandonedTestRuns(): Promise<number> {
  const abandoned = listRuns().filter((run) => run.kind === 'test' && !isAlive(run.owner));
  await Promise.all(abandoned.map(endRun));
  return abandoned.length;
}

/** A folder outside of the run's own that goes when the run ends. Whoever notes side by side must note the same one. */
export function noteOutsideFolder(run: Run, folder: string): void {
  const folders = new Set([...outsideFoldersOf(run), folder]);
  writeWhole(join(run.folder, 'outside'), [...folders].join('\n'));
}

function outsideFoldersOf(run: Run): string[] {
  return readIfThere(join(run.folder, 'outside'))?.split('\n') ?? [];
}

function processFile(run: Run, noted: RunProcess): string {
  return join(run.folder, 'processes', `${noted.name}-${noted.pid}.json`);
}

/** Other runs of the checkout may have theirs in it. */
function removeWhenEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes(codeOf(error))) throw error;
  }
}

/** Another process may end the run, or one of its processes, while we read. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return undefined;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Readers see the old content or the new, never a part. Readable by the owner only: URLs hold passwords. */
export function writeWhole(file: string, content: string): void {
  const unfinished = `${file}.${process.pid}-${randomBytes(3).toString('hex')}.part`;
  writeFileSync(unfinished, content, { mode: 0o600 });
  renameSync(unfinished, file);
}
