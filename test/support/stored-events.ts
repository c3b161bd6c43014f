import { type Db, rows } from '../../src/platform/db.ts';

/** An event as the inbox would have stored it `ageSeconds` ago, without an outcome unless it says so. */
export async function storedEvent(
  db: Db,
  id: string,
  says: {
    type?: string;
    queue?: string | null;
    ageSeconds?: number;
    outcome?: string;
    payload?: unknown;
    account?: string;
    /** As the envelope names it. */
    object?: string;
  } = {},
): Promise<void> {
  const {
    type = 'payment_intent.succeeded',
    queue = 'invoicing',
    ageSeconds = 0,
    outcome = null,
    payload,
    account = '',
    object = 'pi_1',
  } = says;
  await rows(
    db,
    `INSERT INTO stripe_events (id, account, type, livemode, object_id, created, payload, queue, received_at, outcome, outcome_at)
     VALUES (:id, :account, :type, false, :object, now(), :payload, :queue, now() - make_interval(secs => :age), :outcome,
             CASE WHEN :outcome::text IS NOT NULL THEN now() END)`,
    {
      id,
      account,
      object,
      type,
      queue,
      age: ageSeconds,
      outcome,
      payload: JSON.stringify(payload ?? { data: { object: {} } }),
    },
  );
}
