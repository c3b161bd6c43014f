import { expect, test } from 'vitest';
import { loop } from '../../src/platform/loop.ts';
import { until } from '../support/eventually.ts';

test('one round follows the other, and a failed one is reported and no end', async () => {
  let rounds = 0;
  const failures: unknown[] = [];
  const running = loop(
    1,
    async () => {
      rounds += 1;
      if (rounds === 2) throw new Error('second');
    },
    (error) => failures.push(error),
  );
  await until(() => rounds >= 4);
  await running.stop();
  expect(failures).toEqual([new Error('second')]);
});

test('stopping waits for the running round and begins no other', async () => {
  let rounds = 0;
  let end = () => {};
  const running = loop(
    1,
    () => {
      rounds += 1;
      return new Promise<void>((resolve) => {
        end = resolve;
      });
    },
    () => {},
  );
  let stopped = false;
  const stopping = running.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(stopped).toBe(false);
  end();
  await stopping;
  expect(rounds).toBe(1);
});
