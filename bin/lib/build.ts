import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.ts';
import { checkout, cleanEnvironment } from './checkout.ts';
import { withLock } from './lock.ts';

export type Build = 'fresh' | 'built' | 'built with errors';

const sources = ['src/**/*.{ts,tsx,json}', 'db/**/*.ts', 'simulator/**/*.{ts,tsx,json}'];
const configurations = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
const stamp = join(checkout, 'dist/.built');

/**
 * Compiles src, db and simulator to dist/ when a source changed since. It looks at no types, which takes most of the time:
 * `bin/test` does that beside it. Other errors do not stop it: files come out all the same.
 */
export async function buildWhenStale(onWait?: () => void): Promise<Build> {
  return withLock('build', build, onWait);
}

async function build(): Promise<Build> {
  const files = globSync(sources, { cwd: checkout }).sort();
  const wanted = fingerprint([...files, ...configurations]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 'fresh';
  rmSync(stamp, { force: true });
  const compiler = join(checkout, 'node_modules/.bin/tsc');
  const answer = await ask(compiler, ['-p', 'tsconfig.build.json', '--noCheck'], cleanEnvironment());
  removeOrphans(files);
  if (!existsSync(join(checkout, 'dist'))) {
    throw new Error(`The compiler wrote nothing: ${answer.said}`);
  }
  writeFileSync(stamp, wanted);
  return answer.code === 0 ? 'built' : 'built with errors';
}

/** Names, sizes and times: contents would take longer, and an edit changes the time. */
function fingerprint(files: string[]): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(join(checkout, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest('hex');
}

/** What was compiled from a file that is gone must go too: a migration that no longer exists would still be run. */
function removeOrphans(files: string[]): void {
  const expected = new Set(files.map((file) => file.replace(/\.tsx?$/, '.js')));
  for (const output of globSync('**/*.js', { cwd: join(checkout, 'dist') })) {
    if (expected.has(output)) continue;
    for (const ending of ['', '.map']) rmSync(join(checkout, 'dist', output + ending), { force: true });
  }
}
