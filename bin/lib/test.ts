import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.ts';
import { buildWhenStale } from './build.ts';
import { checkout, cleanEnvironment, type Environment } from './checkout.ts';
import { findChromium } from './chromium.ts';
import { explain } from './complaint.ts';
import { givenServices, type Services, startServices } from './private-services.ts';
import { line, phase, seconds } from './progress.ts';
import { createRun, endAbandonedTestRuns, endRun, type Run } from './runs.ts';
import { keepDurations, tellSlowest } from './slowest-files.ts';
import { type Counts, runVitest } from './vitest-run.ts';
import { allCircles } from './walls.ts';

const words = process.argv.slice(2);
const began = performance.now();
const total: Counts = { passed: 0, failed: 0, skipped: 0 };

/** Lint and types count as one test each: passed or failed. */
async function check(title: string, program: string, arguments_: string[], settings: Environment = {}): Promise<void> {
  const { code, said } = await phase(title, () =>
    ask(join(checkout, 'node_modules/.bin', program), arguments_, cleanEnvironment(settings)),
  );
  total[code === 0 ? 'passed' : 'failed']++;
  if (code !== 0) line(`✗ ${title} failed:\n${said}`);
}

/** What the tests may know of the shell: TEST_… (workers, depth), the seed of random tests, and where Stripe's contract lies. */
function testEnvironment(run: Run, services: Services): Environment {
  const contract = join(checkout, '../shared/stripe');
  const isForTests = (name: string): boolean => name.startsWith('TEST_') || name === 'PROPERTY_SEED';
  const given = Object.fromEntries(Object.entries(process.env).filter(([name]) => isForTests(name)));
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
  const chromium = await phase('Browser', findChromium, (found) => ('path' in found ? found.path : 'none'));
  if ('path' in chromium) return { CHROMIUM_PATH: chromium.path };
  line(`! The browser tests are skipped: ${chromium.missing}`);
  if (process.env.CI === 'true') total.failed++;
  return { TEST_NO_BROWSER: chromium.missing };
}

async function build(): Promise<void> {
  const built = await phase('Build', (say) => buildWhenStale(() => say('waiting for another run that builds')), String);
  if (built === 'built with type errors') line('! The build has type errors; the tests run all the same.');
}

/** The linter of API descriptions asks nobody for news, and tells nobody that it ran. */
const OFFLINE: Environment = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** Belongs to the lint: Biome sees circles of files only. */
function checkWalls(): void {
  const circles = allCircles();
  total[circles.length === 0 ? 'passed' : 'failed']++;
  for (const circle of circles) line(`✗ Folders or files import each other: ${circle}`);
}

/** Neither a formatting error nor a type error keeps the tests from running: they are told beside them. */
async function checks(): Promise<void> {
  if (words.length > 0) return line('  Only the named tests: no lint, no types');
  await check('Lint', 'biome', ['check', '.']);
  checkWalls();
  await check('Description of /v1', 'redocly', ['lint', 'docs/openapi.json'], OFFLINE);
  await check('Types', 'tsc', ['-p', 'tsconfig.json', '--noEmit', '--pretty', 'false']);
}

/** All at once. An error is thrown when everything has ended: what was being started can be stopped then. */
async function allOf<T extends readonly unknown[]>(...work: { [At in keyof T]: Promise<T[At]> }): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

async function test(run: Run): Promise<void> {
  const [services, browser] = await allOf(
    startServices(run, { durable: false, given: givenServices() }),
    browserEnvironment(),
    build(),
  );
  line('▸ Tests');
  const { counts, durations } = await runVitest(run, words, { ...testEnvironment(run, services), ...browser });
  for (const name of ['passed', 'failed', 'skipped'] as const) total[name] += counts[name];
  tellSlowest(durations);
  if (process.env.TEST_DURATIONS === 'keep' && words.length === 0 && counts.failed === 0) keepDurations(durations);
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
  await allOf(test(run), checks());
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
