import type Stripe from 'stripe';
import type { Account } from './account.ts';
import type { Time } from './clock.ts';
import { type Cause, type EventType, previousAttributes, recordEvent } from './events.ts';
import { timeOfTestClock } from './frozen-clock.ts';
import type { Ids } from './ids.ts';
import type { ObjectTypes } from './objects.ts';

/** The object that events of a type speak of. */
type ObjectOf<T extends EventType> = ObjectTypes[Extract<Stripe.Event, { type: T }>['data']['object']['object'] &
  keyof ObjectTypes];

/**
 * What one kind of object does when something happens to another one, by the type of the event that tells of it. A resource
 * offers them, `context.emit` calls all: so payments need not know that invoices exist. They run before the event is told:
 * it shows the object as they have left it.
 */
export type Reactions = { readonly [T in EventType]?: (context: Context, object: ObjectOf<T>) => void };

/** What the accounts of one simulator have in common. */
export interface Home {
  readonly ids: Ids;
  readonly reactions: readonly Reactions[];
  /** Where people and programs reach this simulator; known once it listens. */
  readonly baseUrl: string;
}

const NOBODY: Cause = { requestId: null, idempotencyKey: null };

/** What every handler and every rule works with: one account, its objects, its clock, and a way to tell the world. */
export class Context {
  readonly home: Home;
  readonly account: Account;
  readonly cause: Cause;
  readonly #time: Time;

  constructor(home: Home, account: Account, cause: Cause = NOBODY, time: Time = account.clock) {
    this.home = home;
    this.account = account;
    this.cause = cause;
    this.#time = time;
  }

  /** The same in the time that this customer lives in: that of their test clock, if they have one. */
  inTimeOf(customerId: string | null): Context {
    return this.onTestClock(this.store.customer.get(customerId ?? '')?.test_clock ?? null);
  }

  /** The same in the time of a test clock; without one in that of the account. */
  onTestClock(id: string | null): Context {
    const { store, home, account, cause } = this;
    const clock = store['test_helpers.test_clock'].get(id ?? '');
    const time = clock === undefined ? account.clock : timeOfTestClock.get(clock);
    return time === this.#time ? this : new Context(home, account, cause, time);
  }

  get store(): Account['store'] {
    return this.account.store;
  }

  get livemode(): boolean {
    return this.account.livemode;
  }

  /** Simulated seconds since the epoch. */
  now(): number {
    return this.#time.now();
  }

  /** A new id with Stripe's prefix for its kind, such as `pi_`. */
  id(prefix: string): string {
    return this.home.ids.make(prefix);
  }

  /**
   * Lets the other kinds of objects answer to what has happened to this one; then records an event about it as it is now,
   * and sends it to the webhook endpoints that listen.
   */
  emit<T extends EventType>(type: T, object: ObjectOf<T>, previous?: object): void {
    for (const reactions of this.home.reactions) reactions[type]?.(this, object);
    recordEvent(this.account, this.id('evt_'), this.cause, { type, object, previous });
  }

  /** Changes a stored object and emits one event that carries what it was before. Nothing changed: no event. */
  change<T extends EventType>(object: ObjectOf<T>, type: T, mutate: (object: ObjectOf<T>) => void): ObjectOf<T> {
    const before: unknown = JSON.parse(JSON.stringify(object));
    mutate(object);
    const previous = previousAttributes(before, object);
    if (previous !== undefined) this.emit(type, object, previous);
    return object;
  }

  /** Does something in `ms` of simulated time, on Stripe's own account. Returns a function that calls it off. */
  later(ms: number, task: (context: Context) => void): () => void {
    const { home, account } = this;
    const { store } = account;
    const time = this.#time;
    return time.after(ms, () => {
      // A reset in between has thrown the objects away.
      if (account.store === store) task(new Context(home, account, NOBODY, time));
    });
  }
}
