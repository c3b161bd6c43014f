import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout, type Environment } from './checkout.ts';
import { identify } from './identity.ts';
import { noteProcess, type Run } from './runs.ts';

export type Counts = { passed: number; failed: number; skipped: number };

/** Milliseconds by test file. */
export type Durations = Record<string, number>;

/** Runs vitest with its readable output on ours, and counts what its JSON report says. `words` are filters or flags. */
export async function runVitest(
  run: Run,
  words: readonly string[],
  env: Environment,
): Promise<{ counts: Counts; durations: Durations }> {
  const report = join(run.folder, 'vitest.json');
  const durations = join(run.folder, 'durations.json');
  const ours = join(checkout, 'bin/lib/file-durations.ts');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`, `--reporter=${ours}`];
  const script = join(checkout, 'node_modules/vitest/vitest.mjs');
  const child = spawn(process.execPath, [script, 'run', ...reporters, ...words], {
    cwd: checkout,
    // A group of its own: Ctrl-C reaches us alone, and we stop it and the stores in order.
    detached: true,
    env: { ...env, TEST_FILE_DURATIONS: durations },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity !== undefined) {
    noteProcess(run, { ...identity, name: 'vitest', store: false, stopSignal: 'SIGTERM' });
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve(status ?? 1));
  });
  return {
    counts: countsOf(report, code),
    durations: existsSync(durations) ? JSON.parse(readFileSync(durations, 'utf8')) : {},
  };
}

/** A run that ended badly without a failed test (a file that does not load, an unhandled error) counts as one failure. */
function countsOf(report: string, code: number): Counts {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const found: unknown = JSON.parse(readFileSync(report, 'utf8'));
  const number = (name: string): number => {
    const value = typeof found === 'object' && found !== null ? Reflect.get(found, name) : undefined;
    return typeof value === 'number' ? value : 0;
  };
  const failed = number('numFailedTests') + brokenFiles(found);
  const skipped = number('numPendingTests') + number('numTodoTests');
  return { passed: number('numPassedTests'), failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
}

/** Files that failed as a whole, so that none of their tests could. */
function brokenFiles(report: unknown): number {
  if (typeof report !== 'object' || report === null || !('testResults' in report)) return 0;
  const files: unknown[] = Array.isArray(report.testResults) ? report.testResults : [];
  return files.filter((file) => {
    if (typeof file !== 'object' || file === null || !('status' in file) || file.status !== 'failed') return false;
    const tests: unknown[] =
      'assertionResults' in file && Array.isArray(file.assertionResults) ? file.assertionResults : [];
    return !tests.some((test) => typeof test === 'object' && test !== null && Reflect.get(test, 'status') === 'failed');
  }).length;
}
