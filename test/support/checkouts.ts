import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkout } from '../../bin/lib/checkout.ts';
import { releaseAfterFile } from './clean-up.ts';

export type Ended = { code: number; stdout: string; stderr: string };

export type OtherCheckout = {
  folder: string;
  write(file: string, content: string): void;
  /** Runs `bin/…` of it to its end, from another folder and with almost no environment. */
  run(command: string, ...words: string[]): Promise<Ended>;
  /** Starts it and returns at once. */
  start(command: string, ...words: string[]): { child: ChildProcess; ended: Promise<Ended> };
};

/**
 * A second checkout with the same bin/ and packages but its own `.local/`, so that a test may start and stop everything in
 * it; `withSources` also what is compiled and run. Its path has spaces and only its owner may enter it, as with a clone under /root.
 */
export function otherCheckout({ withSources = false } = {}): OtherCheckout {
  const parent = mkdtempSync(join(tmpdir(), 'quittance test '));
  chmodSync(parent, 0o700);
  const folder = join(parent, 'a clone');
  const sources = withSources ? ['src', 'db', 'simulator', 'dist'] : [];
  for (const part of ['bin', 'vitest.config.ts', 'test/support', ...sources]) {
    // With their times, by which the build knows that it is fresh.
    cpSync(join(checkout, part), join(folder, part), { recursive: true, preserveTimestamps: true });
  }
  for (const test of ['stores', 'eventually']) rmSync(join(folder, `test/support/${test}.test.ts`), { force: true });
  for (const file of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'biome.json']) {
    cpSync(join(checkout, file), join(folder, file), { preserveTimestamps: true });
  }
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  // What an earlier run unpacked, so that this one needs no network.
  const cache = join(checkout, '.local/cache');
  if (existsSync(cache)) cpSync(cache, join(folder, '.local/cache'), { recursive: true, verbatimSymlinks: true });

  const start: OtherCheckout['start'] = (command, ...words) => {
    const child = spawn(join(folder, command), words, {
      cwd: '/',
      env: { HOME: '/nonexistent' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return { child, ended: endOf(child) };
  };
  const run: OtherCheckout['run'] = (command, ...words) => start(command, ...words).ended;
  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  };
  releaseAfterFile(async () => {
    await run('bin/services', 'stop');
    rmSync(parent, { recursive: true, force: true });
  });
  return { folder, write, run, start };
}

function endOf(child: ChildProcess): Promise<Ended> {
  const ended: Ended = { code: -1, stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (ended.stdout += chunk));
  child.stderr?.on('data', (chunk) => (ended.stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code: code ?? -1 }));
  });
}
