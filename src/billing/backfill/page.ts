import type { Deps } from '../deps/deps.ts';
import type { UseCase } from '../stripe-events.ts';

/** Something to bring into agreement with Stripe, by the same use case as its events. */
export type Found =
  | { readonly payment: string; readonly useCase: UseCase }
  /** sub_… */
  | { readonly subscription: string; readonly bring: (deps: Deps) => Promise<unknown> }
  /** Something else, by a name of its own. */
  | { readonly name: string; readonly bring: (deps: Deps) => Promise<unknown> }
  /** The Checkout Session of an own invoice. */
  | { readonly session: string }
  /** It can't be told what this is about; why. */
  | { readonly problem: string };

export interface Page {
  /** Of the listed objects those that have something to look at. */
  readonly found: readonly Found[];
  /** The last object of the page, to go on after; null when there is no more. */
  readonly next: string | null;
  /** Creation time of the last object of the page, seconds since 1970; null when the list is not one of times. */
  readonly reached: number | null;
}

export const PAGE = 100;
