import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { startProgram } from '../../bin/lib/processes.ts';
import { processesOf } from '../../bin/lib/runs.ts';
import { until } from '../support/eventually.ts';
import { testRun, uniqueName } from '../support/run.ts';

const run = testRun();

/** A program of the run's own folder, as a file relative to the checkout. */
function program(script: string): { name: string; file: string } {
  const name = uniqueName('program');
  const folder = join(run.folder, 'programs');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.js`), script);
  return { name, file: relative(checkout, join(folder, `${name}.js`)) };
}

const ready = (fields: object) =>
  `console.log(JSON.stringify(${JSON.stringify({ level: 'info', message: 'ready', ...fields })}));setInterval(() => {}, 1000);`;

test('a program is up when it has said so, with the address that it said, and is noted until it is stopped', async () => {
  const { name, file } = program(
    `console.log('{"message":"starting"}');${ready({ role: 'api', url: 'http://127.0.0.1:1' })}`,
  );
  const started = await startProgram(run, { name, file });
  expect(started.url).toBe('http://127.0.0.1:1');
  expect(processesOf(run).map((one) => one.name)).toContain(name);
  expect(started.logs()).toContain('"starting"');
  await started.stop();
  expect(started.isAlive()).toBe(false);
  expect(processesOf(run).map((one) => one.name)).not.toContain(name);
});

test('a program that ends before it is ready fails with what it wrote', async () => {
  const dying = program(`console.error('DATABASE_URL is required');process.exit(2);`);
  await expect(startProgram(run, dying)).rejects.toThrow(/ended before it was ready:\nDATABASE_URL is required/);
});

test('a program that is never ready fails in time, and is not left behind', async () => {
  const silent = program(`console.log('connecting');setInterval(() => {}, 1000);`);
  await expect(startProgram(run, { ...silent, timeout: 400 })).rejects.toThrow(/not ready after 0.4 s:\nconnecting/);
  await until(() => !processesOf(run).some(({ name }) => name === silent.name), { what: 'the program is gone' });
});

test('a program sees what it was given and nothing secret of the shell', async () => {
  process.env.STRIPE_SECRET_KEY = 'sk_live_ofTheShell';
  process.env.DATABASE_URL = 'postgres://of-the-shell/';
  const { name, file } = program(`console.log(JSON.stringify(process.env));${ready({})}`);
  const started = await startProgram(run, { name, file, env: { REDIS_URL: 'redis://given' } });
  delete process.env.STRIPE_SECRET_KEY;
  delete process.env.DATABASE_URL;
  const [seen = '{}'] = started.logs().split('\n');
  expect(JSON.parse(seen)).toMatchObject({ REDIS_URL: 'redis://given', PATH: expect.any(String) });
  expect(seen).not.toMatch(/ofTheShell|of-the-shell/);
  await started.stop();
});

test('a signal is sent at once and not waited for', async () => {
  const started = await startProgram(run, program(ready({})));
  started.kill('SIGKILL');
  await until(() => !started.isAlive(), { what: 'the program is gone' });
});
