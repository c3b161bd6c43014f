import type { Knex } from 'knex';
import type { Policy } from '../policy/policy.ts';
import type { Changed, RecordKind } from './records.ts';
import type { Teller } from './teller.ts';

/**
 * Brings one derived record into agreement with the rows, or tells of a change. SQL only: no Stripe, no mail server. It is
 * run again after a failure and over everything, so it decides by what the rows say, never by what has just been done; one
 * that writes a record of its own does so in `agreeing` (agreements.ts).
 */
export type Agree<R extends RecordKind> = (
  trx: Knex.Transaction,
  changed: Changed<R>,
  circumstances: Circumstances,
) => Promise<void>;

export interface Circumstances extends World {
  readonly tell: Teller;
}

/** What is the same for all that a process decides. */
export interface World {
  /** Of the business: days begin there. */
  readonly timeZone: string;
  /** What the process decides by, as a hash. Who derives by more than the policy file, e.g. by a version of his logic, adds it to the hash. */
  readonly policy: string;
  /** What the business wants. */
  readonly rules: Policy;
}

/** By record, by name, in order: one may read what another has written only if it stands after it. */
export type Dependents = { readonly [R in RecordKind]: Readonly<Record<string, Agree<R>>> };
