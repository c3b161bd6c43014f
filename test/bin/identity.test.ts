import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identify, isAlive, type ProcessIdentity, stopProcess } from '../../bin/lib/identity.ts';
import { until } from '../support/eventually.ts';

async function started(script: string): Promise<ProcessIdentity> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (identity === undefined) throw new Error('Bug: the process is up and has no identity');
  return identity;
}

test('a process that ends is not alive', async () => {
  const one = await started('setInterval(() => {}, 1000)');
  expect(isAlive(one)).toBe(true);
  expect(await stopProcess(one)).toBe(true);
  expect(isAlive(one)).toBe(false);
  expect(await stopProcess(one)).toBe(false);
});

test('another process under the same number is left alone', async () => {
  const stranger = await started('setInterval(() => {}, 1000)');
  const gone: ProcessIdentity = { pid: stranger.pid, startedAt: 'another boot/12345' };
  expect(await stopProcess(gone, { signal: 'SIGKILL' })).toBe(false);
  expect(isAlive(stranger)).toBe(true);
  await stopProcess(stranger);
});

test('a paused process is stopped too', async () => {
  const one = await started('setInterval(() => {}, 1000)');
  process.kill(one.pid, 'SIGSTOP');
  await stopProcess(one, { grace: 5_000 });
  expect(isAlive(one)).toBe(false);
});

test('a process that will not end is killed after the grace', async () => {
  const one = await started("process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)");
  await stopProcess(one, { grace: 100 });
  await until(() => !isAlive(one), { timeout: 1_000 });
});
