import type pg from 'pg';
import { textArray } from './binary-array.ts';
import type { EventEnvelope } from './event.ts';

/**
 * The inbox: the only writer of new rows in `stripe_events` and of duplicate deliveries. What `storeEvents` has returned is
 * committed; the receiver answers 200 after it and not before.
 */
export interface Delivery {
  readonly envelope: EventEnvelope;
  /** The body as it came: JSON in UTF-8. */
  readonly body: Buffer;
  /** Where its job goes; null when no use case listens to the type: such an event is final at once. */
  readonly queue: string | null;
}

/** `unstorable`: Postgres can't hold this delivery, now or later. */
export type DeliveryVerdict = 'accepted' | 'duplicate' | 'unstorable';

export const NOBODY_LISTENS = 'no use case listens to this event type';

/**
 * Stores a batch in one statement (one commit). The verdicts come back in the order of the deliveries; of two deliveries
 * of one event in a batch the first is accepted and the other a duplicate.
 */
export async function storeEvents(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<DeliveryVerdict[]> {
  try {
    return await storeTogether(pool, deliveries);
  } catch (error) {
    if (!isFaultOfDelivery(error)) throw error;
    if (deliveries.length === 1) return ['unstorable'];
    // One delivery must not fail the others of its batch.
    const verdicts: DeliveryVerdict[] = [];
    for (const delivery of deliveries) verdicts.push(...(await storeEvents(pool, [delivery])));
    return verdicts;
  }
}

/** SQLSTATE classes 22 (a value can't be stored), 23 (a constraint forbids it) and 54 (a limit of Postgres is exceeded). */
function isFaultOfDelivery(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|23|54)/.test(String(error.code));
}

async function storeTogether(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<DeliveryVerdict[]> {
  // Always in the same order, so that two receivers with the same events wait for each other instead of deadlocking.
  // (The sort keeps deliveries of one event in their own order.)
  const inOrder = deliveries.toSorted((a, b) => compare(a.envelope.id, b.envelope.id));
  const stored = await pool.query<[id: string]>({ ...statement, values: columns(inOrder) });
  if (stored.rows.length === deliveries.length) return deliveries.map(() => 'accepted');

  // delete() answers true once: a second delivery of the same event within the batch is a duplicate.
  const fresh = new Set(stored.rows.map(([id]) => id));
  const verdicts = deliveries.map(({ envelope }) => (fresh.delete(envelope.id) ? 'accepted' : 'duplicate'));
  await recordDuplicates(
    pool,
    deliveries.filter((_, position) => verdicts[position] === 'duplicate'),
  );
  return verdicts;
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function columns(deliveries: readonly Delivery[]): unknown[] {
  const texts = (of: (delivery: Delivery) => string | Buffer | null): Buffer => textArray(deliveries.map(of));
  return [
    texts(({ envelope }) => envelope.id),
    texts(({ envelope }) => envelope.account),
    texts(({ envelope }) => envelope.type),
    texts(({ envelope }) => envelope.apiVersion),
    deliveries.map(({ envelope }) => envelope.livemode),
    texts(({ envelope }) => envelope.objectId),
    deliveries.map(({ envelope }) => envelope.created.getTime() / 1000),
    texts(({ body }) => body),
    texts(({ queue }) => queue),
  ];
}

/** Returns the ids that were not there before, as rows of one value. Named: parsed and planned once per connection. */
const statement = {
  name: 'store_events',
  rowMode: 'array',
  text: `
    INSERT INTO stripe_events
      (id, account, type, api_version, livemode, object_id, created, payload, queue, outcome, reason, outcome_at)
    SELECT id, account, type, api_version, livemode, object_id, to_timestamp(created), payload, queue,
           CASE WHEN queue IS NULL THEN 'ignored' END,
           CASE WHEN queue IS NULL THEN '${NOBODY_LISTENS}' END,
           CASE WHEN queue IS NULL THEN now() END
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::text[], $7::double precision[],
                $8::text[], $9::text[])
         AS incoming (id, account, type, api_version, livemode, object_id, created, payload, queue)
    ON CONFLICT (id) DO NOTHING
    RETURNING id`,
} as const;

/** An accepted delivery needs no record of its own: the event is there. */
async function recordDuplicates(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<void> {
  await pool.query(`INSERT INTO webhook_deliveries (verdict, event_id) SELECT 'duplicate', unnest($1::text[])`, [
    deliveries.map(({ envelope }) => envelope.id),
  ]);
}
