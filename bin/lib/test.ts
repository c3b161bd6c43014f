import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildWhenStale } from './build.ts';
import { checkout, cleanEnvironment, type Environment } from './checkout.ts';
import { findChromium } from './chromium.ts';
import { explain } from './complaint.ts';
import { givenServices, startServices } from './private-services.ts';
import { line, phase, seconds } from './progress.ts';
import { createRun, endAbandonedTestRuns, endRun, type Run } from './runs.ts';
import { type Counts, runVitest } from './vitest-run.ts';

const words = process.argv.slice(2);
const began = performance.now();
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Lint and types count as one test each: passed or failed. */
async function check(title: string, program: string, arguments_: string[]): Promise<void> {
  let output = '';
  const passed = await phase(title, async () => {
    const child = spawn(join(checkout, 'node_modules/.bin', program), arguments_, {
      cwd: checkout,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    return new Promise<boolean>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code === 0));
    });
  });
  total[passed ? 'passed' : 'failed']++;
  if (!passed) line(`✗ ${title} failed:\n${output}`);
}

/** What the tests may know of the shell: TEST_… (workers, seeds) and where Stripe's contract lies. */
function testEnvironment(run: Run, services: { databaseUrl: string; redisUrl: string }): Environment {
  const contract = join(checkout, '../shared/stripe');
  const given = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('TEST_')));
  return cleanEnvironment({
    ...given,
    STRIPE_CONTRACT_DIR: process.env.STRIPE_CONTRACT_DIR || (existsSync(contract) ? contract : undefined),
    TEST_RUN: run.folder,
    TEST_DATABASE_URL: services.databaseUrl,
    TEST_REDIS_URL: services.redisUrl,
  });
}

/** Pages are tested in a real browser; without one those tests are skipped loudly, and in CI that is a failure. */
async function browserEnvironment(): Promise<Record<string, string>> {
  if (!existsSync(join(checkout, 'test/browser'))) return {};
  const chromium = await phase(
    'Browser',
    async (say) => findChromium(say),
    (found) => ('path' in found ? found.path : 'none'),
  );
  if ('path' in chromium) return { CHROMIUM_PATH: chromium.path };
  line(`! The browser tests are skipped: ${chromium.missing}`);
  if (process.env.CI === 'true') total.failed++;
  return { TEST_NO_BROWSER: chromium.missing };
}

async function main(run: Run): Promise<void> {
  const build = await phase('Build', (say) => buildWhenStale(() => say('waiting for another run that builds')), String);
  if (build === 'built with type errors') line('! The build has type errors; the tests run all the same.');
  const services = await startServices(run, { durable: false, given: givenServices() });
  if (words.length === 0) {
    await check('Lint', 'biome', ['check', '.']);
    await check('Types', 'tsc', ['-p', 'tsconfig.json', '--noEmit', '--pretty', 'false']);
  } else {
    line('  Only the named tests: no lint, no types');
  }
  const environment = { ...testEnvironment(run, services), ...(await browserEnvironment()) };
  line('▸ Tests');
  const counts = await runVitest(run, words, environment);
  for (const name of ['passed', 'failed', 'skipped'] as const) total[name] += counts[name];
}

let interrupted = false;

async function finish(run: Run, code: number): Promise<never> {
  await endRun(run).catch((error: unknown) => line(`! Not everything could be stopped: ${explain(error)}`));
  process.exit(code);
}

await endAbandonedTestRuns();
const run = createRun('test');
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    interrupted = true;
    line(`\n${signal}: stopping what was started`);
    void finish(run, code);
  });
}

try {
  await main(run);
} catch (error) {
  if (!interrupted) line(explain(error));
  total.failed++;
}
if (interrupted) await new Promise(() => {}); // `finish` stops everything and exits
await endRun(run).catch((error: unknown) => {
  line(`! Not everything could be stopped: ${explain(error)}`);
  total.failed++;
});
line(`  The whole run took ${seconds(began)}`);
// The closing line must come last and whole, also through a pipe: exit only when it is written.
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`${total.passed} passed, ${total.failed} failed${skipped}\n`, () => {
  process.exit(total.failed === 0 ? 0 : 1);
});
