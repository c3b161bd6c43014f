/**
 * Group commit: while `inFlight` batches are being written, the next items gather and then go together. A lone item goes
 * at once, so an idle server adds no delay, and a busy one needs one round trip (and one fsync) for many items.
 */
export interface Gatherer<Item, Result> {
  /** Resolves when the batch that holds the item is written; rejects with the batch's error. */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting or in flight any more. */
  idle(): Promise<void>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

export interface GatherOptions {
  /** Items of a batch at the most. */
  readonly most: number;
  /** Batches that are written at the same time at the most. */
  readonly inFlight: number;
}

/** @param write gets 1 to `most` items and must return one result per item, in the same order */
export function gather<Item, Result>(
  write: (items: Item[]) => Promise<Result[]>,
  { most, inFlight }: GatherOptions,
): Gatherer<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  const writers = new Set<Promise<void>>();

  function start(): void {
    while (waiting.length > 0 && writers.size < inFlight) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      const writer = writeBatch(batch).then((settle) => {
        writers.delete(writer);
        // The next batch goes before the results of this one are worked on: writing never stands still.
        start();
        settle();
      });
      writers.add(writer);
    }
  }

  /** @returns what tells the items how it ended; never rejects */
  async function writeBatch(batch: Waiting<Item, Result>[]): Promise<() => void> {
    try {
      const results = await write(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error(`Bug: ${batch.length} written, ${results.length} results`);
      return () => {
        results.forEach((result, position) => {
          batch[position]?.resolve(result);
        });
      };
    } catch (error) {
      return () => {
        for (const { reject } of batch) reject(error);
      };
    }
  }

  return {
    add: (item) =>
      new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        start();
      }),
    idle: async () => {
      while (writers.size > 0) await Promise.all(writers);
    },
  };
}
