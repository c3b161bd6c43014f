import { noSuch } from './errors.ts';
import type { Deleted, Stored } from './wire.ts';

/** The objects of one kind in the order of their creation, and the ids of those that were deleted. */
export class Collection<T extends Stored> {
  readonly #label: string;
  readonly #urlParam: string;
  readonly #byId = new Map<string, T>();
  readonly #deleted = new Set<string>();
  #order: T[] = [];

  /** `label` and `urlParam` are how Stripe speaks of a missing one: "No such payment_intent", param "intent". */
  constructor(label: string, urlParam = 'id') {
    this.#label = label;
    this.#urlParam = urlParam;
  }

  add(object: T): T {
    if (this.#byId.has(object.id)) throw new Error(`Bug: ${this.#label} ${object.id} exists already`);
    this.#byId.set(object.id, object);
    this.#order.push(object);
    return object;
  }

  get(id: string): T | undefined {
    return this.#byId.get(id);
  }

  /** The object, or Stripe's error: 404 for an id in the URL, 400 for one in the parameter that is named. */
  need(id: string, param?: string): T {
    const found = this.#byId.get(id);
    if (found !== undefined) return found;
    throw noSuch(this.#label, id, param ?? this.#urlParam, param === undefined ? 404 : 400);
  }

  /** Deletes and returns the stub that Stripe answers with. */
  delete(id: string): Deleted {
    const object = this.need(id);
    this.#byId.delete(id);
    this.#deleted.add(id);
    this.#order = this.#order.filter((other) => other !== object);
    return { id, object: object.object, deleted: true };
  }

  wasDeleted(id: string): boolean {
    return this.#deleted.has(id);
  }

  get size(): number {
    return this.#order.length;
  }

  /** Drops the oldest objects beyond `limit`: for events, which Stripe does not keep for ever either. */
  keepNewest(limit: number): void {
    // In steps, so that the array is not copied for every event.
    if (this.#order.length < limit * 1.1) return;
    for (const old of this.#order.splice(0, this.#order.length - limit)) this.#byId.delete(old.id);
  }

  *newestFirst(matches: (object: T) => boolean = () => true): Generator<T> {
    for (let i = this.#order.length - 1; i >= 0; i--) {
      const object = this.#order[i];
      if (object !== undefined && matches(object)) yield object;
    }
  }

  oldestFirst(matches: (object: T) => boolean = () => true): T[] {
    return this.#order.filter(matches);
  }
}
