import type pg from 'pg';
import type { EventEnvelope } from './event.ts';

/**
 * The inbox: the only writer of new rows in `stripe_events` and of accepted deliveries. What `storeEvents` has returned is
 * committed; the receiver answers 200 after it and not before.
 */
export interface Delivery {
  readonly envelope: EventEnvelope;
  /** The body as it came, JSON text. */
  readonly body: string;
  /** Where its job goes; null when no use case listens to the type: such an event is final at once. */
  readonly queue: string | null;
}

export type DeliveryVerdict = 'accepted' | 'duplicate';

export const NOBODY_LISTENS = 'no use case listens to this event type';

const COLUMNS = 9;

/**
 * Stores a batch in one statement (one commit). The verdicts come back in the order of the deliveries; of two deliveries
 * of one event in a batch the first is accepted and the other a duplicate.
 */
export async function storeEvents(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<DeliveryVerdict[]> {
  try {
    return await insert(pool, deliveries);
  } catch (error) {
    if (!isDataError(error)) throw error;
    // One body that Postgres can't hold must not fail the others of its batch.
    const verdicts: DeliveryVerdict[] = [];
    for (const delivery of deliveries) verdicts.push(await storeAlone(pool, delivery));
    return verdicts;
  }
}

async function storeAlone(pool: pg.Pool, delivery: Delivery): Promise<DeliveryVerdict> {
  try {
    return one(await insert(pool, [delivery]));
  } catch (error) {
    if (!isDataError(error)) throw error;
    return one(await insert(pool, [{ ...delivery, body: storable(delivery.body) }]));
  }
}

async function insert(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<DeliveryVerdict[]> {
  const result = await pool.query<{ event_id: string; fresh: boolean }>({
    name: `store_${deliveries.length}`,
    text: statement(deliveries.length),
    values: deliveries.flatMap(({ envelope, body, queue }) => [
      envelope.id,
      envelope.account,
      envelope.type,
      envelope.apiVersion,
      envelope.livemode,
      envelope.objectId,
      envelope.created,
      body,
      queue,
    ]),
  });
  const fresh = new Set(result.rows.filter((row) => row.fresh).map((row) => row.event_id));
  // delete() answers true once: a second delivery of the same event within the batch is a duplicate.
  return deliveries.map(({ envelope }) => (fresh.delete(envelope.id) ? 'accepted' : 'duplicate'));
}

const statements = new Map<number, string>();

/** One text per batch size, so that Postgres parses and plans each size once per connection. */
function statement(size: number): string {
  const known = statements.get(size);
  if (known) return known;
  const tuples = Array.from({ length: size }, (_, row) => {
    const at = (column: number): string => `$${row * COLUMNS + column}`;
    return `(${at(1)}::text, ${at(2)}::text, ${at(3)}::text, ${at(4)}::text, ${at(5)}::boolean, ${at(6)}::text, ${at(7)}::timestamptz, ${at(8)}::jsonb, ${at(9)}::text)`;
  });
  const text = `
    WITH incoming (id, account, type, api_version, livemode, object_id, created, payload, queue) AS (
      VALUES ${tuples.join(', ')}
    ), stored AS (
      INSERT INTO stripe_events
        (id, account, type, api_version, livemode, object_id, created, payload, queue, outcome, reason, outcome_at)
      SELECT id, account, type, api_version, livemode, object_id, created, payload, queue,
             CASE WHEN queue IS NULL THEN 'ignored' END,
             CASE WHEN queue IS NULL THEN '${NOBODY_LISTENS}' END,
             CASE WHEN queue IS NULL THEN now() END
      FROM incoming
      ON CONFLICT (id) DO NOTHING
      RETURNING id
    ), numbered AS (
      SELECT incoming.id,
             row_number() OVER (PARTITION BY incoming.id) = 1 AND stored.id IS NOT NULL AS fresh
      FROM incoming LEFT JOIN stored USING (id)
    ), logged AS (
      INSERT INTO webhook_deliveries (verdict, event_id)
      SELECT CASE WHEN fresh THEN 'accepted' ELSE 'duplicate' END, id FROM numbered
    )
    SELECT id AS event_id, fresh FROM numbered`;
  statements.set(size, text);
  return text;
}

/** SQLSTATE class 22: the value itself can't be stored, e.g. \u0000 or half a surrogate pair in jsonb. */
function isDataError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('22');
}

/** jsonb refuses U+0000 and lone surrogates, which JSON allows: they become U+FFFD, everything else stays. */
function storable(body: string): string {
  const parsed: unknown = JSON.parse(body, (_key, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '\uFFFD').toWellFormed() : value,
  );
  return JSON.stringify(parsed).replaceAll('\\u0000', '\uFFFD');
}

function one(verdicts: readonly DeliveryVerdict[]): DeliveryVerdict {
  const [verdict] = verdicts;
  if (!verdict) throw new Error('Bug: a stored delivery has no verdict');
  return verdict;
}
