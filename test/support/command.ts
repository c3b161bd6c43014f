import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import { run } from '../../src/cli/run.ts';
import { terminal } from '../../src/cli/terminal.ts';
import { releaseAfterFile } from './clean-up.ts';
import { until } from './eventually.ts';
import type { Settings } from './processes.ts';

export type CommandEnd = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };

export type Command = {
  kill(signal: NodeJS.Signals): void;
  /** What it has written to standard output so far. */
  said(): string;
  /** The address of its ready line, once it has come. */
  ready(): Promise<string>;
  end: Promise<CommandEnd>;
};

/** A compiled program as a child of this test, to see with which code it ends; killed after the test file at the latest. */
export function startCommand(file: string, words: readonly string[], env: Settings, input = ''): Command {
  const child = spawn(process.execPath, [join(checkout, file), ...words], {
    cwd: checkout,
    env: cleanEnvironment(env),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdin.on('error', () => {}); // a program may end without reading what it is given
  child.stdin.end(input);
  const end = new Promise<CommandEnd>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  releaseAfterFile(async () => {
    child.kill('SIGKILL');
    await end;
  });
  return {
    kill: (signal) => void child.kill(signal),
    said: () => stdout,
    async ready() {
      const line = await until(() => stdout.split('\n').find((one) => one.includes('"message":"ready"')), {
        timeout: 20_000,
        what: `${file} is ready; so far: ${stderr}`,
      });
      return String(JSON.parse(line).url ?? '');
    },
    end,
  };
}

/** What the command line says to these words. Throws with all that it wrote when it fails. */
export async function answerOf(words: readonly string[], env: Settings, input = ''): Promise<string> {
  const { code, signal, stdout, stderr } = await quittance(words, env, input);
  if (code !== 0) throw new Error(`quittance ${words.join(' ')} ended with ${code ?? signal}:\n${stdout}${stderr}`);
  return stdout;
}

/** The command line `npm run quittance -- …`, to its end, in the process of the test. `quittance-cli.ts` starts one of its own. */
export async function quittance(words: readonly string[], env: Settings, input = ''): Promise<CommandEnd> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const said = Promise.all([text(stdout), text(stderr)]);
  const stdin = Readable.from([input]);
  const code = await run(words, terminal({ env: cleanEnvironment(env), stdin, stdout, stderr }));
  stdout.end();
  stderr.end();
  const [out, err] = await said;
  return { code, signal: null, stdout: out, stderr: err };
}
