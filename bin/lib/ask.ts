import { spawn } from 'node:child_process';
import { checkout, type Environment } from './checkout.ts';

/** How a program ended, and all that it wrote. */
export type ProgramAnswer = { code: number; said: string };

/** Runs a program in the checkout to its end, while others run. Killed after `timeout` milliseconds, if one is given. */
export async function ask(
  program: string,
  words: readonly string[],
  env: Environment,
  timeout?: number,
): Promise<ProgramAnswer> {
  const child = spawn(program, words, {
    cwd: checkout,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(timeout === undefined ? {} : { timeout }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, said: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, said }));
  });
}
