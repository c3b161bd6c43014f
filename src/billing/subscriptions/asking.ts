import { type Db, firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';
import { takingTurns } from '../../platform/turn.ts';

/** Asking Stripe about a subscription, an invoice or a test clock, and what is known of the last time. */
export interface Asking {
  /** When Stripe is asked, by Postgres's clock: what had happened before is in the answer. */
  readonly from: Date;
  /** When it was asked for the last time; null: never. */
  readonly syncedFrom: Date | null;
  /** The subscription, as far as it is known; null: a test clock has several. */
  readonly subscription: string | null;
}

export interface Asked<T> {
  readonly table: 'subscriptions' | 'subscription_invoices' | 'test_clocks';
  readonly id: string;
  /** What came before that is in an answer since; undefined: ask in any case. */
  readonly receivedAt: Date | undefined;
  readonly ask: (asking: Asking) => Promise<T>;
  /** It was asked for since. */
  readonly since: (asking: Asking) => T;
}

/**
 * One process asks at a time; whoever comes meanwhile with an event of the same change comes again, and finds it answered.
 * @throws BusyError when another process asks just now
 */
export async function askingAlone<T>(db: Db, { table, id, receivedAt, ask, since }: Asked<T>): Promise<T> {
  return takingTurns(db, `${table}:${id}`, id, async () => {
    const asking = await lastAsked(db, table, id);
    const { syncedFrom } = asking;
    const isKnown = syncedFrom !== null && receivedAt !== undefined && syncedFrom > receivedAt;
    return isKnown ? since(asking) : ask(asking);
  });
}

async function lastAsked(db: Db, table: Asked<unknown>['table'], id: string): Promise<Asking> {
  const row = await firstRow<{ now: Date; synced_from: Date | null; subscription: string | null }>(db, LAST[table], [
    id,
  ]);
  return row
    ? { from: row.now, syncedFrom: row.synced_from, subscription: row.subscription }
    : bug('Postgres does not tell the time');
}

const LAST = {
  subscriptions: `SELECT clock_timestamp() AS now, synced_from, id AS subscription FROM (SELECT) one
    LEFT JOIN subscriptions ON id = ?`,
  subscription_invoices: `SELECT clock_timestamp() AS now, synced_from, subscription FROM (SELECT) one
    LEFT JOIN subscription_invoices ON id = ?`,
  test_clocks: `SELECT clock_timestamp() AS now, synced_from, NULL AS subscription FROM (SELECT) one
    LEFT JOIN test_clocks ON id = ?`,
} as const satisfies Record<Asked<unknown>['table'], string>;
