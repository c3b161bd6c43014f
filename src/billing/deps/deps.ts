import type { Knex } from 'knex';
import type Stripe from 'stripe';
import type { Clock } from '../../platform/clock.ts';
import type { Db } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import type { SigningKey } from '../../platform/signing-keys.ts';
import type { StripeContact } from '../../stripe/contact.ts';
import type { Outcome } from '../../stripe/inbox/events.ts';
import type { SayChanged } from '../agreement/bring-into-agreement.ts';
import type { Policy } from '../policy/policy.ts';

/** Ends the event that is worked on, in the transaction of the last step that it has led to. */
export type Finish = (trx: Knex.Transaction, end: Outcome) => Promise<void>;

/** What the use case of an event may reach. */
export interface EventDeps extends Deps {
  /** Need not be called: who has called the use case ends the event otherwise. */
  readonly finish?: Finish;
  /** When the event arrived, by Postgres's clock. Without it nothing counts as known already. */
  readonly receivedAt?: Date;
}

/** What was made at Stripe and is not in our database: stripe-invoices/earlier-documents.ts. */
export interface EarlierDocuments {
  /** @param since seconds since 1970. @returns ids of invoices, of any state, with this mark */
  madeFor(mark: Stripe.Metadata, since: number): Promise<readonly string[]>;
}

/** What a use case may reach. Handed down by the process entries; nothing below them makes its own. */
export interface Deps {
  readonly db: Db;
  readonly stripe: Stripe;
  /** Whether Stripe can be reached at all. */
  readonly contact: StripeContact;
  /** What was made at Stripe and is not in our database. */
  readonly earlier: EarlierDocuments;
  readonly log: Log;
  /** Said of a record in the transaction that changes it: what is derived from it follows, and who is to be told is told. */
  readonly changed: SayChanged;
  /** For business days and due dates; nothing in billing reads another clock. */
  readonly clock: Clock;
  /** What the business wants. */
  readonly policy: Policy;
  /** Under which URL customers reach the pages, without a slash at its end. */
  readonly publicUrl: string;
  /** Of access tokens: the first signs, all of them verify. None: there are no tokens. */
  readonly signingKeys: readonly SigningKey[];
  /** Of the business: days begin there. */
  readonly timeZone: string;
  /** Mode of the configured secret key. */
  readonly livemode: boolean;
}
