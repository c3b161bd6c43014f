import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { line } from '../../bin/lib/progress.ts';
import { addUpInvoiceSums } from '../../src/billing/own-invoices/invoice-sums.ts';
import { connect } from '../../src/platform/db.ts';
import { addUpOutcomes } from '../../src/stripe/inbox/event-outcomes.ts';
import { documentSteps, messagesOf, questionsOf } from './growth-seed-documents.ts';

/**
 * Ninety days of a growing business, written by Postgres itself: most events are recent (a tenth of them came within the
 * last day), nearly all are done, some failed, a few are open. Rows are written in the order in which they would have
 * come, and own invoices are issued and paid by updates, so that tables and indexes look as they would.
 */
export type Size = { events: number; payments: number; invoices: number };

export function sizeFor(events: number): Size {
  return { events, payments: Math.ceil(events / 5), invoices: Math.ceil(events / 20) };
}

/** `rows` of it are written, a chunk at a time: `sql` has $1 and $2 for the first and the last of the chunk. */
export type Step = { what: string; rows: number; sql: string };

const CHUNK = 50_000;

export async function seed(databaseUrl: string, size: Size): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(helpers(size));
    for (const { what, rows, sql } of [...eventSteps(size), ...documentSteps(size)]) {
      const began = performance.now();
      for (let first = 1; first <= rows; first += CHUNK) {
        await client.query(sql, [first, Math.min(rows, first + CHUNK - 1)]);
        const done = Math.min(rows, first + CHUNK - 1);
        if (done % (CHUNK * 5) === 0 && done < rows) line(`  ${what}: ${done} of ${rows}`);
      }
      line(`  ${what}: ${rows} (${((performance.now() - began) / 1000).toFixed(0)} s)`);
    }
    await addUp(databaseUrl);
    await client.query('VACUUM (ANALYZE)');
    // What was seeded is written out now, not while pages are measured.
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}

/** As the maintenance worker and autovacuum would have left the counts: the sums at the front of tables without empty pages. */
async function addUp(databaseUrl: string): Promise<void> {
  const db = connect(databaseUrl, { name: 'bench', connections: 1 });
  try {
    for (let round = 0; round < 2; round += 1) {
      await addUpOutcomes(db, 0);
      await addUpInvoiceSums(db, 0);
      await db.raw('VACUUM event_outcomes, invoice_sums');
    }
  } finally {
    await db.destroy();
  }
}

/** Functions of this session: ids that look like Stripe's, the same for the same number, and when a row came to be. */
function helpers({ events, payments, invoices }: Size): string {
  const seededAt = new Date().toISOString();
  const moment = (of: number): string =>
    `'${seededAt}'::timestamptz - interval '90 days' * power(1 - n::float8 / ${of}, 2)`;
  const digit = (power: number): string => `substr('${BASE62}', (seconds / ${62 ** power} % 62)::integer + 1, 1)`;
  const sql = (signature: string, returns: string, body: string): string =>
    `CREATE FUNCTION pg_temp.${signature} RETURNS ${returns} LANGUAGE sql STABLE AS $$ SELECT ${body} $$;`;
  return [
    'SET synchronous_commit = off;',
    sql(
      'letters(seed text, many integer)',
      'text',
      `substr(translate(encode(decode(md5(seed), 'hex'), 'base64'), '+/=', 'xyz'), 1, many)`,
    ),
    sql('base62(seconds bigint)', 'text', [5, 4, 3, 2, 1, 0].map(digit).join(' || ')),
    sql('event_at(n bigint)', 'timestamptz', moment(events)),
    sql('payment_at(n bigint)', 'timestamptz', moment(payments)),
    sql('invoice_at(n bigint)', 'timestamptz', moment(invoices)),
    sql('message_at(n bigint)', 'timestamptz', moment(messagesOf(invoices))),
    sql('question_at(n bigint)', 'timestamptz', moment(questionsOf(events))),
    sql(
      'event(n bigint)',
      'text',
      `'evt_1' || pg_temp.base62(extract(epoch FROM pg_temp.event_at(n))::bigint) || pg_temp.letters('evt' || n, 16)`,
    ),
    sql('payment(n bigint)', 'text', `'pi_3' || pg_temp.letters('pi' || n, 22)`),
    sql('invoice(n bigint)', 'text', `'inv_' || substr(md5('inv' || n), 1, 16)`),
    // 3 kB of which most are different for each event, as keys, names and addresses are.
    sql(
      'payload(id text, type text, object text, n bigint)',
      'json',
      `format('{"id":"%s","object":"event","api_version":"2026-10-28.endive","type":"%s","livemode":false,"data":{"object":{"id":"%s","object":"payment_intent","amount":4900,"currency":"eur","status":"succeeded","metadata":{"order":"%s"}}}}',
         id, type, object, substr('${randomBytes(3_000).toString('hex')}', (n * 37 % 3000)::integer + 1, 2750))::json`,
    ),
  ].join('\n');
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Five events for each payment: two that nobody listens to, three that lead to something or are ignored after a look. */
function eventSteps({ events }: Size): Step[] {
  const everyFew = Math.ceil(events / 60);
  return [
    {
      what: 'events',
      rows: events,
      sql: `
        INSERT INTO stripe_events (id, type, api_version, livemode, object_id, created, payload, received_at, queue,
                                   outcome, reason, outcome_at, payment_intent, attempts, last_error)
        SELECT id, type, '2026-10-28.endive', false, object, at - interval '1 second',
               pg_temp.payload(id, type, object, n), at, queue,
               outcome, CASE outcome WHEN 'processed' THEN 'invoice ' || n WHEN 'review' THEN 'gave up' WHEN 'ignored' THEN 'nothing to do' END,
               CASE WHEN outcome IS NOT NULL THEN at + interval '3 seconds' END,
               CASE WHEN queue IS NOT NULL AND outcome IS NOT NULL THEN object END,
               CASE WHEN queue IS NULL THEN 0 WHEN failing THEN 7 WHEN outcome IS NULL THEN 0 ELSE 1 END,
               CASE WHEN failing OR outcome = 'review' THEN 'Stripe could not be reached' END
        FROM (
          SELECT *, CASE WHEN queue IS NULL THEN 'ignored' WHEN failing OR n > ${events} - 400 THEN NULL
                         WHEN n % 50 = 2 THEN 'review' WHEN n % 5 = 4 THEN 'ignored' ELSE 'processed' END AS outcome
          FROM (
            SELECT n, pg_temp.event(n) AS id, pg_temp.event_at(n) AS at, pg_temp.payment((n + 4) / 5) AS object,
                   (ARRAY['payment_intent.created', 'checkout.session.completed', 'payment_intent.succeeded', 'charge.updated', 'customer.updated'])[n % 5 + 1] AS type,
                   CASE WHEN n % 5 IN (1, 2, 4) THEN 'invoicing' END AS queue,
                   n % 5 = 1 AND n % ${everyFew} < 5 AS failing
            FROM generate_series($1::bigint, $2::bigint) n) AS one) AS event`,
    },
    {
      what: 'attempts',
      rows: events,
      sql: `
        INSERT INTO event_attempts (event_id, worker, started_at, finished_at, duration_ms, ended, stripe_calls, note)
        SELECT e.id, 'host:1:invoicing', e.received_at, e.received_at + interval '1 second', 812, coalesce(e.outcome, 'error'), 7, e.reason
        FROM generate_series($1::bigint, $2::bigint) n JOIN stripe_events e ON e.id = pg_temp.event(n),
             generate_series(1, e.attempts)
        ORDER BY n`,
    },
    {
      what: 'deliveries that stored nothing',
      rows: events,
      sql: `
        INSERT INTO webhook_deliveries (received_at, verdict, event_id, reason)
        SELECT pg_temp.event_at(n), verdict, CASE WHEN verdict = 'duplicate' THEN pg_temp.event(n) END,
               CASE WHEN verdict = 'rejected' THEN 'no_match' END
        FROM generate_series($1::bigint, $2::bigint) n, unnest(ARRAY['duplicate', 'rejected']) verdict
        WHERE n % CASE verdict WHEN 'duplicate' THEN 50 ELSE 100 END = 0
        ORDER BY n`,
    },
  ];
}
