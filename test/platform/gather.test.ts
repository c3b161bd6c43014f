import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gather } from '../../src/platform/gather.ts';
import { propertyRun } from '../support/property.ts';

/** A writer that the test holds: each batch waits until it is let go. */
function heldWriter() {
  const batches: number[][] = [];
  const held: { letGo: () => void; fail: (error: Error) => void }[] = [];
  const write = (items: number[]): Promise<string[]> => {
    batches.push(items);
    return new Promise((resolve, reject) => {
      held.push({ letGo: () => resolve(items.map((item) => `written ${item}`)), fail: reject });
    });
  };
  /** Ends the oldest batch in flight; what follows from it has happened when this resolves. */
  const end = async (how: 'written' | Error = 'written') => {
    const batch = held.shift();
    if (how === 'written') batch?.letGo();
    else batch?.fail(how);
    await pass(1);
  };
  return { write, batches, end };
}

describe('batches', () => {
  test('a lone item goes at once, in the same turn', () => {
    const { write, batches } = heldWriter();
    const { add } = gather(write, { most: 10, inFlight: 1 });
    add(1);
    expect(batches).toEqual([[1]]);
  });

  test('what comes while one is written goes together, in order, when it is done', async () => {
    const { write, batches, end } = heldWriter();
    const { add } = gather(write, { most: 10, inFlight: 1 });
    const results = [1, 2, 3, 4].map(add);
    expect(batches).toEqual([[1]]);
    await end();
    expect(await results[0]).toBe('written 1');
    expect(batches).toEqual([[1], [2, 3, 4]]);
    await end();
    expect(await Promise.all(results)).toEqual(['written 1', 'written 2', 'written 3', 'written 4']);
  });

  test('the next goes before the results of the last are worked on', async () => {
    const { write, batches, end } = heldWriter();
    const { add } = gather(write, { most: 10, inFlight: 1 });
    const seen = add(1).then(() => batches.length);
    add(2);
    await end();
    expect(await seen).toBe(2);
  });

  test('none is larger than the most, and no more are written at once than allowed', async () => {
    const { write, batches, end } = heldWriter();
    const { add } = gather(write, { most: 2, inFlight: 2 });
    const results = [1, 2, 3, 4, 5].map(add);
    expect(batches).toEqual([[1], [2]]);
    await end();
    await results[0];
    expect(batches).toEqual([[1], [2], [3, 4]]);
    await end();
    await results[1];
    expect(batches).toEqual([[1], [2], [3, 4], [5]]);
  });
});

describe('a batch that fails', () => {
  test('rejects each of its items, and the next batch goes on', async () => {
    const { write, end } = heldWriter();
    const { add } = gather(write, { most: 10, inFlight: 1 });
    const first = add(1);
    const others = Promise.allSettled([add(2), add(3)]);
    await end();
    await first;
    const reason = new Error('connection lost');
    await end(reason);
    expect(await others).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    const fourth = add(4);
    await end();
    expect(await fourth).toBe('written 4');
  });

  test('also when the writer throws at once, or forgets a result', async () => {
    const throwing = gather<number, number>(
      () => {
        throw new Error('no database');
      },
      { most: 10, inFlight: 1 },
    );
    await expect(throwing.add(1)).rejects.toThrow('no database');
    const forgetful = gather<number, number>(async () => [], { most: 10, inFlight: 1 });
    await expect(forgetful.add(1)).rejects.toThrow('Bug: 1 written, 0 results');
  });
});

describe('idle', () => {
  test('is at once where nothing is written', async () => {
    await gather(heldWriter().write, { most: 1, inFlight: 1 }).idle();
  });

  test('waits for what is in flight and what still waits behind it', async () => {
    const { write, batches, end } = heldWriter();
    const { add, idle } = gather(write, { most: 1, inFlight: 1 });
    const results = [add(1), add(2)];
    let isIdle = false;
    const idling = idle().then(() => {
      isIdle = true;
    });
    await end();
    await results[0];
    expect([isIdle, batches]).toEqual([false, [[1], [2]]]);
    await end();
    await idling;
    await results[1];
  });

  test('comes after a failure too', async () => {
    const { write, end } = heldWriter();
    const { add, idle } = gather(write, { most: 1, inFlight: 1 });
    const failing = expect(add(1)).rejects.toThrow('gone');
    await end(new Error('gone'));
    await idle();
    await failing;
  });
});

test('every item is written once and gets its own result, whatever the rhythm and the failures', async () => {
  const shape = fc.record({
    most: fc.integer({ min: 1, max: 5 }),
    inFlight: fc.integer({ min: 1, max: 3 }),
    // Per item: how many turns pass before it is added. Per batch: turns that the write takes, and whether it fails.
    pauses: fc.array(fc.nat(3), { minLength: 1, maxLength: 40 }),
    writes: fc.infiniteStream(fc.record({ turns: fc.nat(4), fails: fc.boolean() })),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ most, inFlight, pauses, writes }) => {
      const written: number[] = [];
      const failed = new Set<number>();
      let atOnce = 0;
      const { add, idle } = gather<number, number>(
        async (items) => {
          atOnce += 1;
          expect(atOnce).toBeLessThanOrEqual(inFlight);
          expect(items.length).toBeLessThanOrEqual(most);
          const { turns, fails } = writes.next().value;
          await pass(turns);
          atOnce -= 1;
          if (fails) {
            for (const item of items) failed.add(item);
            throw new Error('failed');
          }
          written.push(...items);
          return items.map((item) => item * 10);
        },
        { most, inFlight },
      );
      const results: Promise<number | 'failed'>[] = [];
      for (const [item, pause] of pauses.entries()) {
        await pass(pause);
        results.push(add(item).catch(() => 'failed' as const));
      }
      await idle();
      const seen = await Promise.all(results);
      expect(seen).toEqual(pauses.map((_, item) => (failed.has(item) ? 'failed' : item * 10)));
      expect([...written, ...failed].sort((a, b) => a - b)).toEqual(pauses.map((_, item) => item));
    }),
    propertyRun(100),
  );
});

async function pass(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
