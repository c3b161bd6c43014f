import type Stripe from 'stripe';
import type { Account } from './account.ts';
import { previousAttributes } from './events.ts';
import type { Reactions } from './reactions.ts';
import type { World } from './world.ts';

export type EventType = Stripe.Event['type'];

/** Who asked: null ids for what Stripe does by itself later on. */
export interface Cause {
  requestId: string | null;
  idempotencyKey: string | null;
}

const NOBODY: Cause = { requestId: null, idempotencyKey: null };

/** What every handler and every rule works with: one account, its objects, the clock, and a way to tell the world. */
export class Context {
  readonly world: World;
  readonly account: Account;
  readonly cause: Cause;

  constructor(world: World, account: Account, cause: Cause = NOBODY) {
    this.world = world;
    this.account = account;
    this.cause = cause;
  }

  get store(): Account['store'] {
    return this.account.store;
  }

  get livemode(): boolean {
    return this.account.livemode;
  }

  /** Simulated seconds since the epoch. */
  now(): number {
    return this.world.clock.now();
  }

  /** A new id with Stripe's prefix for its kind, such as `pi_`. */
  id(prefix: string): string {
    return this.world.ids.make(prefix);
  }

  /** Records an event about the object as it is now and sends it to the webhook endpoints that listen. */
  emit(type: EventType, object: object, previous?: object): void {
    this.world.events.record(this.account, this.cause, type, object, previous);
  }

  /** Lets the other kinds of objects answer to what has just happened. */
  react(tell: (reactions: Reactions) => void): void {
    for (const reactions of this.world.reactions) tell(reactions);
  }

  /** Changes a stored object and emits one event that carries what it was before. Nothing changed: no event. */
  change<T extends object>(object: T, type: EventType, mutate: (object: T) => void): T {
    const before: unknown = JSON.parse(JSON.stringify(object));
    mutate(object);
    const previous = previousAttributes(before, object);
    if (previous !== undefined) this.emit(type, object, previous);
    return object;
  }

  /** Does something in `ms` of simulated time, on Stripe's own account. Returns a function that calls it off. */
  later(ms: number, task: (context: Context) => void): () => void {
    const { world, account } = this;
    const { store } = account;
    return world.clock.after(ms, () => {
      // A reset in between has thrown the objects away.
      if (account.store === store) task(new Context(world, account));
    });
  }
}
