import type Stripe from 'stripe';

/**
 * The JSON that Stripe sends for a type of the official client: decimals are strings, lists are plain objects,
 * and a reference (`string | Customer | DeletedCustomer`) is the id that it is until somebody expands it.
 */
export type Wire<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends Stripe.Decimal
    ? string
    : T extends Stripe.ApiList<infer Item>
      ? ListOf<Wire<Item>>
      : T extends (infer Item)[]
        ? Wire<Reference<Item>>[]
        : T extends object
          ? { [K in keyof T]: Wire<Reference<T[K]>> }
          : T;

type Reference<P> = string extends P ? Exclude<P, { id: string; object: string }> : P;

/** A page of a list, newest first. `url` is where the rest of it can be read. */
export interface ListOf<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}

/** What every stored object has. */
export interface Stored {
  id: string;
  object: string;
}

export interface Deleted extends Stored {
  deleted: true;
}

export type Metadata = Record<string, string>;
