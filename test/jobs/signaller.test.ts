import { expect, test } from 'vitest';
import type { EventSignal } from '../../src/jobs/enqueue.ts';
import { signaller } from '../../src/jobs/signaller.ts';
import { createLog } from '../../src/platform/log.ts';
import { until } from '../support/eventually.ts';

const event = (number: number): EventSignal => ({ id: `evt_${number}`, type: 'charge.succeeded', queue: 'invoicing' });

/** Queues that the test holds: each call waits until it is ended. */
function heldQueues() {
  const calls: string[][] = [];
  const held: ((error?: Error) => void)[] = [];
  const enqueue = (events: readonly EventSignal[]): Promise<void> => {
    calls.push(events.map(({ id }) => id));
    return new Promise((resolve, reject) => {
      held.push((error) => (error ? reject(error) : resolve()));
    });
  };
  const end = async (error?: Error) => {
    held.shift()?.(error);
    await turn();
  };
  return { enqueue, calls, end };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('signals go in the turn after, together, and those that come meanwhile go with the next call', async () => {
  const { enqueue, calls, end } = heldQueues();
  const { signal, idle } = signaller({ enqueue }, createLog('error'));
  signal(event(1));
  signal(event(2));
  expect(calls, 'the answers are written first').toEqual([]);
  await turn();
  expect(calls).toEqual([['evt_1', 'evt_2']]);
  signal(event(3));
  signal(event(4));
  await turn();
  expect(calls).toHaveLength(1);
  let isIdle = false;
  const idling = idle().then(() => (isIdle = true));
  await end();
  signal(event(5));
  await until(() => calls.length === 2);
  expect(calls).toEqual([
    ['evt_1', 'evt_2'],
    ['evt_3', 'evt_4', 'evt_5'],
  ]);
  expect(isIdle).toBe(false);
  await end();
  await idling;
});

test('a call that fails is not repeated, and the next signals go as if nothing had been', async () => {
  const { enqueue, calls, end } = heldQueues();
  const { signal, idle } = signaller({ enqueue }, createLog('error'));
  signal(event(1));
  await turn();
  await end(new Error('Redis is not reachable'));
  await idle();
  signal(event(2));
  await turn();
  expect(calls).toEqual([['evt_1'], ['evt_2']]);
  await end();
  await idle();
});
