import pg from 'pg';
import '../../src/platform/db.ts'; // reads bigint as a number, here and wherever it is loaded
import { releaseAfterFile } from './clean-up.ts';

/** The service's own records, as a test reads (and backdates) them. */
export type Records = {
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  row<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row>;
  close(): Promise<void>;
};

export type EventRecord = {
  id: string;
  type: string;
  outcome: string | null;
  reason: string | null;
  attempts: number;
  payment_intent: string | null;
};

export type ClaimRecord = {
  payment_intent: string;
  step: string;
  bill_to: string;
  customer: string | null;
  stripe_invoice: string | null;
  number: string | null;
  total: string;
  currency: string;
  settlement: string | null;
  key_version: number;
};

export type ReviewRecord = { kind: string; subject: string; summary: string; state: string; details: unknown };

export function recordsOf(url: string): Records {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  pool.on('error', () => {}); // the next query tells
  let open = true;
  const close = async () => {
    if (open) await pool.end();
    open = false;
  };
  releaseAfterFile(close);
  const rows: Records['rows'] = async (sql, values = []) => (await pool.query(sql, values)).rows;
  return {
    rows,
    async row<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []) {
      const [first, ...others] = await rows<Row>(sql, values);
      if (!first || others.length > 0) throw new Error(`${others.length + (first ? 1 : 0)} rows: ${sql} ${values}`);
      return first;
    },
    close,
  };
}

export function eventRecords(records: Records): Promise<EventRecord[]> {
  return records.rows(
    'select id, type, outcome, reason, attempts, payment_intent from stripe_events order by received_at, id',
  );
}

export function claimOf(records: Records, payment: string): Promise<ClaimRecord> {
  return records.row('select * from payment_invoices where payment_intent = $1 and reverses is null', [payment]);
}

export function openReviews(records: Records): Promise<ReviewRecord[]> {
  return records.rows(`select * from review_items where state = 'open' order by id`);
}

/** A dead worker's leases run out now instead of within seconds. */
export async function endLeases(records: Records): Promise<void> {
  await records.rows(`update payments set lease_until = now() - interval '1 second' where lease_until is not null`);
  await records.rows(`update leases set until = now() - interval '1 second'`);
}
