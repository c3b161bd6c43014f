import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { ask } from '../ask.ts';
import { checkout, cleanEnvironment, localFolder } from '../checkout.ts';
import { Complaint } from '../complaint.ts';
import { withLock } from '../lock.ts';
import { tablesOf } from './files.ts';
import type { Mutant } from './score.ts';

/** Stryker, installed where it is first wanted: too much to download for everybody who only runs the tests. */
const VERSION = '10.1.1';
const folder = join(localFolder, 'mutate');
const modules = join(folder, 'node_modules/@stryker-mutator');

export async function installStryker(): Promise<void> {
  await withLock('stryker', async () => {
    if (installedVersion() === VERSION) return;
    mkdirSync(folder, { recursive: true });
    const packages = ['core', 'vitest-runner'].map((name) => `@stryker-mutator/${name}@${VERSION}`);
    // Its runner takes our vitest (a peer), found further up.
    const flags = ['--no-save', '--legacy-peer-deps', '--ignore-scripts', '--no-fund', '--no-audit'];
    const env = cleanEnvironment({ npm_config_cache: process.env.npm_config_cache });
    const { code, said } = await ask('npm', ['install', '--prefix', folder, ...flags, ...packages], env);
    if (code !== 0) throw new Complaint(`npm could not install Stryker ${VERSION}:\n${said}`);
  });
}

function installedVersion(): string | undefined {
  const manifest = join(modules, 'core/package.json');
  if (!existsSync(manifest) || !existsSync(join(modules, 'vitest-runner/package.json'))) return undefined;
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8'))).version;
}

/** Changes the file in every way that Stryker knows, one at a time, and runs its table on each. */
export async function mutantsOf(file: string): Promise<Mutant[]> {
  const tables = tablesOf(file);
  const name = file.replaceAll('/', '-');
  const report = join(folder, `${name}.report.json`);
  const settings = join(folder, `${name}.settings.json`);
  rmSync(report, { force: true });
  writeFileSync(
    settings,
    JSON.stringify({
      mutate: [file],
      testRunner: 'vitest',
      plugins: [join(modules, 'vitest-runner/dist/src/index.js')],
      vitest: { configFile: 'bin/lib/mutate/vitest.config.ts', related: false },
      // It would read the configuration with a compiler of its own, which TypeScript 7 no longer has.
      tsconfigFile: 'none.json',
      ignorePatterns: ['**', '!src/**', '!test/**', '!bin/**', '!package.json'],
      tempDirName: join(relative(checkout, folder), `${name}.sandbox`),
      // A machine that is busy with other things must not pass for a change that was noticed.
      timeoutMS: 20_000,
      concurrency: Number(process.env.TEST_WORKERS || 2),
      reporters: ['json'],
      jsonReporter: { fileName: report },
    }),
  );
  const script = join(modules, 'core/bin/stryker.js');
  const env = cleanEnvironment({ MUTATION_TABLES: tables.join(','), PROPERTY_SEED: '1' });
  const { said } = await ask(process.execPath, [script, 'run', settings], env);
  if (!existsSync(report)) throw new Complaint(`Stryker could not change ${file}:\n${said}`);
  return mutantsIn(file, JSON.parse(readFileSync(report, 'utf8')));
}

const place = z.object({ line: z.int(), column: z.int() });
const reported = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string(),
          location: z.object({ start: place, end: place }),
          status: z.enum(['Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'CompileError', 'Ignored']),
        }),
      ),
    }),
  ),
});

/** A change that keeps the file from loading is no change to what it decides; too many of them are a fault of the machine. */
const ENOUGH_TRIED = 0.9;

function mutantsIn(file: string, report: unknown): Mutant[] {
  const found = reported.parse(report).files[file];
  if (!found) throw new Complaint(`Stryker tells nothing of ${file}.`);
  const lines = found.source.split('\n');
  const tried = found.mutants.filter(({ status }) => status !== 'RuntimeError' && status !== 'CompileError');
  if (tried.length < found.mutants.length * ENOUGH_TRIED) {
    throw new Complaint(
      `Of ${found.mutants.length} changes to ${file} only ${tried.length} could be tried: do its tests run?`,
    );
  }
  return tried.map(({ mutatorName, replacement, location: { start, end }, status }) => ({
    file,
    row: start.line,
    line: lines[start.line - 1]?.trim() ?? '',
    code: between(lines, start, end),
    becomes: replacement,
    kind: mutatorName,
    // One that keeps the table from ending is noticed too.
    fate: status === 'Survived' || status === 'NoCoverage' ? 'survived' : 'noticed',
  }));
}

/** Lines and columns from 1; the end is not included. */
function between(lines: readonly string[], start: z.output<typeof place>, end: z.output<typeof place>): string {
  const cut = lines.slice(start.line - 1, end.line);
  const last = cut.length - 1;
  return cut
    .map((text, at) => text.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined))
    .join('\n');
}
