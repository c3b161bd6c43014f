import { type ChildProcess, spawn } from 'node:child_process';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import type { Settings } from './processes.ts';

export type CliEnded = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type CliRun = { child: ChildProcess; ended: Promise<CliEnded> };

/** Starts `quittance WORDS` as a process of its own. With `terminal` it believes to speak to a terminal of 80 columns. */
export function startCli(
  words: readonly string[],
  settings: Settings,
  { terminal = false, preload }: { terminal?: boolean; preload?: string } = {},
): CliRun {
  const program = [process.execPath, ...(preload ? ['--import', preload] : []), 'dist/src/cli/main.js', ...words];
  const command = terminal ? ['script', '-qec', program.map((word) => `'${word}'`).join(' '), '/dev/null'] : program;
  const child = spawn(command[0] ?? '', command.slice(1), {
    cwd: checkout,
    env: cleanEnvironment({ TERM: 'xterm', ...settings }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, ended: endOf(child) };
}

function endOf(child: ChildProcess): Promise<CliEnded> {
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (said.stdout += chunk));
  child.stderr?.on('data', (chunk) => (said.stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}
