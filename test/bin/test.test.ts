import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { identify } from '../../bin/lib/identity.ts';
import { otherCheckout } from '../support/checkouts.ts';
import { until } from '../support/eventually.ts';

const other = otherCheckout();
const runs = join(other.folder, '.local/runs');
const runsLeft = () => (existsSync(runs) ? readdirSync(runs) : []);

other.write('src/empty.ts', 'export const nothing = 0;\n');
other.write(
  'test/mixed.test.ts',
  `import { expect, test } from 'vitest';
   import { freshDatabase } from './support/database.ts';
   test('passes', async () => expect((await freshDatabase()).url).toContain('127.0.0.1'));
   test('has no secrets of the shell', () => expect(Object.keys(process.env).filter((name) => name.startsWith('STRIPE_SECRET'))).toEqual([]));
   test('fails', () => expect(1).toBe(2));
   // Skipped on purpose: bin/test must count it as that.
   test.skip('is skipped', () => {});
  `,
);
other.write('test/green.test.ts', `import { test } from 'vitest';\ntest('passes', () => {});\n`);
other.write('test/broken.test.ts', `import './not-there.ts';\n`);
other.write(
  'test/waiting.test.ts',
  `import { test } from 'vitest';\ntest('waits', () => new Promise(() => {}), 60_000);\n`,
);

test('bin/test ends with one plain line of counts, exits 1 when one failed, and leaves nothing behind', async () => {
  const { code, stdout } = await other.run('bin/test', 'test/mixed', 'test/broken');
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('2 passed, 2 failed, 1 skipped');
  expect(code).toBe(1);
  expect(runsLeft()).toEqual([]);
});

test('it exits 0 when all passed, and two runs side by side do not disturb each other', async () => {
  const ended = await Promise.all([other.run('bin/test', 'test/green'), other.run('bin/test', 'test/green')]);
  expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  for (const { stdout } of ended) expect(stdout.trimEnd().split('\n').at(-1)).toBe('1 passed, 0 failed');
});

test('on SIGTERM it stops everything that it started', async () => {
  const { child, ended } = other.start('bin/test', 'test/waiting');
  let said = '';
  child.stderr?.on('data', (chunk) => (said += chunk));
  await until(() => said.includes('▸ Tests'), { timeout: 20_000, what: 'the tests have begun' });
  const [run] = runsLeft();
  const noted = () =>
    readdirSync(join(runs, String(run), 'processes')).map((name) => Number(/-(\d+)\.json$/.exec(name)?.[1]));
  await until(() => noted().length === 3, { what: 'Postgres, Redis and vitest are noted' });
  const pids = noted();
  child.kill('SIGTERM');
  expect((await ended).code).toBe(143);
  expect(runsLeft()).toEqual([]);
  expect(pids.map(identify)).toEqual([undefined, undefined, undefined]);
});
