import pg from 'pg';
import { line } from '../../bin/lib/progress.ts';

/** People with access: each has four features, of a subscription, a course that was bought, and something by hand. */
export const GRANTS_EACH = 4;
const CHUNK = 50_000;

/** All of one length, so that requests for them are, too. */
export function referenceOf(number: number): string {
  return `user-${String(number).padStart(8, '0')}`;
}

const reference = `'user-' || lpad(n::text, 8, '0')`;
const until = `date_trunc('second', now()) + interval '20 days' + n % 864000 * interval '1 second'`;

/** As the dependents would have left it, written by Postgres. */
export async function seedAccess(databaseUrl: string, grants: number): Promise<number> {
  const people = Math.ceil(grants / GRANTS_EACH);
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SET synchronous_commit = off');
    for (let first = 1; first <= people; first += CHUNK) {
      const range = [first, Math.min(people, first + CHUNK - 1)];
      await client.query(
        `INSERT INTO access_grants (cause, feature, reference, value, until, bridged_until)
         SELECT kind || n, feature, ${reference}, value::jsonb,
                CASE WHEN ends THEN ${until} END, CASE WHEN ends THEN ${until} + interval '73 hours' END
         FROM generate_series($1::bigint, $2::bigint) n,
              (VALUES ('subscription:sub_', 'pro', NULL, true), ('subscription:sub_', 'seats', '5', true),
                      ('payment:pi_', 'watercolour', NULL, false), ('hand:', 'beta', NULL, false)) given (kind, feature, value, ends)`,
        range,
      );
      await client.query(
        `INSERT INTO access_states (reference, version, changes_at, features)
         SELECT ${reference}, 1, ${until}, '{}' FROM generate_series($1::bigint, $2::bigint) n`,
        range,
      );
      line(`  ${range[1]} of ${people} people`);
    }
    await client.query('VACUUM (ANALYZE)');
    await client.query('CHECKPOINT');
    return people;
  } finally {
    await client.end();
  }
}
