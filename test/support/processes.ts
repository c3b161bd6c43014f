import { type Program, type Running, startProgram } from '../../bin/lib/processes.ts';
import { releaseAfterFile } from './clean-up.ts';
import { testRun, uniqueName } from './run.ts';

export type { Running } from '../../bin/lib/processes.ts';
export { simulatorKey } from './simulator-key.ts';

/** Configuration of the api and the workers, by the names of the environment variables. */
export type Settings = Record<string, string | undefined>;

/** An api in a process of its own. PORT defaults to a free port, HOST to 127.0.0.1. */
export async function startApiProcess(settings: Settings): Promise<Running> {
  return start({ name: 'api', file: 'dist/src/api/main.js', env: { PORT: '0', HOST: '127.0.0.1', ...settings } });
}

/** A worker for these queues in a process of its own; none named means all. */
export async function startWorkerProcess(queues: readonly string[], settings: Settings): Promise<Running> {
  const words = queues.length > 0 ? [queues.join(',')] : [];
  return start({ name: 'worker', file: 'dist/src/workers/main.js', words, env: settings });
}

/** Starts a compiled program and ends it after the test file at the latest. */
async function start(program: Program): Promise<Running> {
  const started = await startProgram(testRun(), { ...program, name: uniqueName(program.name) });
  releaseAfterFile(() => started.stop());
  return started;
}
