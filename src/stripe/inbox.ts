import type pg from 'pg';
import type { EventEnvelope } from './event.ts';

/**
 * The inbox: the only writer of new rows in `stripe_events` and of accepted deliveries. What `storeEvents` has returned is
 * committed; the receiver answers 200 after it and not before.
 */
export interface Delivery {
  readonly envelope: EventEnvelope;
  /** The body as it came, JSON in UTF-8. Sent to Postgres as these bytes: the binary form of type json is its text. */
  readonly body: Buffer;
  /** Where its job goes; null when no use case listens to the type: such an event is final at once. */
  readonly queue: string | null;
}

/** `unstorable`: Postgres can't hold this body, now or later, e.g. JSON nested deeper than its parser goes. */
export type DeliveryVerdict = 'accepted' | 'duplicate' | 'unstorable';

export const NOBODY_LISTENS = 'no use case listens to this event type';

const COLUMNS = 9;

/**
 * Stores a batch in one statement (one commit). The verdicts come back in the order of the deliveries; of two deliveries
 * of one event in a batch the first is accepted and the other a duplicate.
 */
export async function storeEvents(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<DeliveryVerdict[]> {
  try {
    return await storeTogether(pool, deliveries);
  } catch (error) {
    if (!isFaultOfBody(error)) throw error;
    if (deliveries.length === 1) return ['unstorable'];
    // One body must not fail the others of its batch.
    const verdicts: DeliveryVerdict[] = [];
    for (const delivery of deliveries) verdicts.push(...(await storeEvents(pool, [delivery])));
    return verdicts;
  }
}

/** SQLSTATE classes 22 (a value can't be stored) and 54 (a limit of Postgres is exceeded). */
function isFaultOfBody(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(22|54)/.test(String(error.code));
}

async function storeTogether(pool: pg.Pool, deliveries: readonly Delivery[]): Promise<DeliveryVerdict[]> {
  const first = new Map<string, Delivery>();
  const repeated: string[] = [];
  for (const delivery of deliveries) {
    if (first.has(delivery.envelope.id)) repeated.push(delivery.envelope.id);
    else first.set(delivery.envelope.id, delivery);
  }
  // Always in the same order, so that two receivers with the same events wait for each other instead of deadlocking.
  const inOrder = [...first.values()].sort((a, b) => (a.envelope.id < b.envelope.id ? -1 : 1));
  const fresh = await insert(pool, inOrder, repeated);
  // delete() answers true once: a second delivery of the same event within the batch is a duplicate.
  return deliveries.map(({ envelope }) => (fresh.delete(envelope.id) ? 'accepted' : 'duplicate'));
}

/** @returns the ids that were not there before */
async function insert(
  pool: pg.Pool,
  deliveries: readonly Delivery[],
  repeated: readonly string[],
): Promise<Set<string>> {
  const result = await pool.query<{ id: string }>({
    name: `store_${deliveries.length}`,
    text: statement(deliveries.length),
    values: [
      repeated,
      ...deliveries.flatMap(({ envelope, body, queue }) => [
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
    ],
  });
  return new Set(result.rows.map(({ id }) => id));
}

const statements = new Map<number, string>();

/** One text per batch size, so that Postgres parses and plans each size once per connection. */
function statement(size: number): string {
  const known = statements.get(size);
  if (known) return known;
  const tuples = Array.from({ length: size }, (_, row) => {
    const at = (column: number): string => `$${1 + row * COLUMNS + column}`;
    return `(${at(1)}::text, ${at(2)}::text, ${at(3)}::text, ${at(4)}::text, ${at(5)}::boolean, ${at(6)}::text, ${at(7)}::timestamptz, ${at(8)}::json, ${at(9)}::text)`;
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
    ), logged AS (
      INSERT INTO webhook_deliveries (verdict, event_id)
      SELECT CASE WHEN stored.id IS NULL THEN 'duplicate' ELSE 'accepted' END, incoming.id
      FROM incoming LEFT JOIN stored USING (id)
      UNION ALL
      SELECT 'duplicate', unnest($1::text[])
    )
    SELECT id FROM stored`;
  statements.set(size, text);
  return text;
}
