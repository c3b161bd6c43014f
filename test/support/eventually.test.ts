import { expect, test } from 'vitest';
import { until } from './eventually.ts';

test('until returns the first truthy value', async () => {
  let looks = 0;
  expect(await until(() => ++looks === 3 && 'third look', { interval: 1 })).toBe('third look');
});

test('until says what it waited for and what it saw last', async () => {
  const waiting = until(() => 0, { timeout: 10, interval: 1, what: 'the invoice is paid' });
  await expect(waiting).rejects.toThrow('Not within 10 ms: the invoice is paid; last seen: 0');
});

test('until takes an error of the condition as not yet, and tells it at the end', async () => {
  const failing = until(() => Promise.reject(new Error('connection refused')), { timeout: 10, interval: 1 });
  await expect(failing).rejects.toThrow('connection refused');
});
