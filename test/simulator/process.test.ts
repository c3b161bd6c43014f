import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import Stripe from 'stripe';
import { afterEach, describe, expect, it } from 'vitest';
import { startReceiver } from './harness.ts';

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

async function start(...words: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['simulator/main.ts', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  if (child.stdout === null) throw new Error('No output.');
  const [line] = await once(createInterface(child.stdout), 'line');
  const ready: unknown = JSON.parse(String(line));
  expect(ready).toMatchObject({ level: 'info', message: 'ready', role: 'simulator' });
  const { url } = Object(ready);
  return { child, url: String(url) };
}

describe('the simulator as a process', () => {
  it('takes the keys and the webhook endpoint of the command line, and stops when told', async () => {
    const receiver = await startReceiver();
    const { child, url } = await start(
      '--key',
      'sk_test_a',
      '--key',
      'sk_live_b',
      '--webhook-url',
      receiver.url,
      '--webhook-secret',
      'whsec_cli',
    );
    const { hostname: host, port } = new URL(url);
    const client = (key: string): Stripe => new Stripe(key, { host, port, protocol: 'http', telemetry: false });
    const customer = await client('sk_test_a').customers.create({});
    expect(customer.livemode).toBe(false);
    expect((await client('sk_live_b').customers.create({})).livemode).toBe(true);
    expect((await client('sk_live_b').customers.list()).data).toHaveLength(1);
    await expect.poll(() => receiver.received.length).toBe(1);
    const { body, signature } = receiver.received[0] ?? { body: '', signature: '' };
    expect(client('x').webhooks.constructEvent(body, signature ?? '', 'whsec_cli').livemode).toBe(false);
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    await receiver.close();
  });
});
