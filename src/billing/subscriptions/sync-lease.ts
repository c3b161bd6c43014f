import type { Db } from '../../platform/db.ts';
import { type OlderLease, withLease } from '../../platform/lease.ts';

/**
 * One process asks Stripe about a subscription or an invoice at a time; whoever comes meanwhile with an event of the same
 * change comes again, and finds it answered. An answer is as old as the moment at which the lease was taken.
 */
export interface Asking {
  /** When Stripe is asked, by Postgres's clock. */
  readonly from: Date;
  /** When it was asked for the last time; null: never. */
  readonly syncedFrom: Date | null;
}

interface AskingRow {
  readonly now: Date;
  readonly synced_from: Date | null;
}

export interface Asked<T> {
  readonly table: 'subscriptions' | 'subscription_invoices';
  readonly id: string;
  /** What came before that is in the answer; undefined: ask in any case. */
  readonly receivedAt: Date | undefined;
  readonly ask: (asking: Asking) => Promise<T>;
  /** It was asked for since. */
  readonly since: () => T;
}

/** @throws BusyError when another process asks just now */
export async function askingAlone<T>(db: Db, { table, id, receivedAt, ask, since }: Asked<T>): Promise<T> {
  const older = leaseOf(table, id);
  return withLease<AskingRow, T>(db, `${table}:${id}`, id, older, {
    async work(_lease, { now: from, synced_from: syncedFrom }) {
      const isKnown = syncedFrom !== null && receivedAt !== undefined && syncedFrom > receivedAt;
      return isKnown ? since() : ask({ from, syncedFrom });
    },
    atRest: since,
  });
}

/** There is none of a release before: nothing is taken, renewed or given back. */
function leaseOf(table: Asked<unknown>['table'], id: string): OlderLease {
  return {
    take: `SELECT clock_timestamp() AS now, known.synced_from FROM (SELECT) one LEFT JOIN ${table} known ON known.id = :id`,
    renew: 'SELECT 1 AS one',
    giveBack: 'SELECT 1 AS one',
    bindings: { id },
  };
}
