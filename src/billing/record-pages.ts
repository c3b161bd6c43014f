import { type Db, rows } from '../platform/db.ts';
import type { RecordKind, Turn } from './agreement/records.ts';

/** All records of a kind, page by page in the order of their keys: what is added or told on the way changes nothing about the rest. */
export interface PageOfRecords {
  /** The key of the last one of the page before, or null. */
  readonly after: string | null;
  /** Only what has happened since. */
  readonly since: Date;
  readonly limit: number;
}

export interface FoundRecord<R extends RecordKind> {
  readonly id: string;
  /** What it is now, as far as somebody would be told of it. */
  readonly turned: Turn<R>;
}

type Read<R extends RecordKind> = (db: Db, page: PageOfRecords) => Promise<FoundRecord<R>[]>;

export const recordPages: { readonly [R in RecordKind]: Read<R> } = {
  own_invoice: (db, page) =>
    rows<FoundRecord<'own_invoice'>>(
      db,
      `SELECT id, status AS turned FROM invoices
       WHERE id > coalesce(:after, '') AND status IN ('issued', 'paid') AND coalesce(paid_at, issued_at) >= :since
       ORDER BY id LIMIT :limit`,
      { ...page },
    ),
  // Only the last thing that is known of an invoice is still worth a word to its customer.
  payment_attempt: (db, page) =>
    rows<FoundRecord<'payment_attempt'>>(
      db,
      `SELECT id::text, CASE WHEN EXISTS (SELECT FROM payment_log later WHERE later.invoice = log.invoice AND later.id > log.id)
                             THEN 'overtaken' ELSE 'failed' END AS turned
       FROM payment_log log
       WHERE id > coalesce(:after, '0')::bigint AND kind = 'attempt_failed' AND at >= :since ORDER BY log.id LIMIT :limit`,
      { ...page },
    ),
  payment_invoice: (db, page) =>
    rows<FoundRecord<'payment_invoice'>>(
      db,
      `SELECT id::text, 'issued' AS turned FROM payment_invoices
       WHERE id > coalesce(:after, '0')::bigint AND step = 'paid' AND paid_at >= :since
       ORDER BY payment_invoices.id LIMIT :limit`,
      { ...page },
    ),
  credit_note: (db, page) =>
    rows<FoundRecord<'credit_note'>>(
      db,
      `SELECT id::text, 'issued' AS turned FROM credit_notes
       WHERE id > coalesce(:after, '0')::bigint AND issued_at >= :since ORDER BY credit_notes.id LIMIT :limit`,
      { ...page },
    ),
  payment: (db, page) =>
    rows<FoundRecord<'payment'>>(
      db,
      `SELECT payment_intent AS id, 'paid' AS turned FROM purchases
       WHERE account = '' AND payment_intent > coalesce(:after, '') AND paid_at >= :since
       ORDER BY payment_intent LIMIT :limit`,
      { ...page },
    ),
  subscription: (db, page) =>
    rows<FoundRecord<'subscription'>>(
      db,
      `SELECT id, 'synced' AS turned FROM subscriptions WHERE id > coalesce(:after, '') AND created >= :since
       ORDER BY subscriptions.id LIMIT :limit`,
      { ...page },
    ),
  test_clock: (db, page) =>
    rows<FoundRecord<'test_clock'>>(
      db,
      `SELECT id, 'moved' AS turned FROM test_clocks WHERE id > coalesce(:after, '') AND synced_from >= :since
       ORDER BY test_clocks.id LIMIT :limit`,
      { ...page },
    ),
  access_by_hand: (db, page) =>
    rows<FoundRecord<'access_by_hand'>>(
      db,
      `SELECT id::text, CASE WHEN ended_at IS NULL THEN 'granted' ELSE 'ended' END AS turned FROM access_by_hand
       WHERE id > coalesce(:after, '0')::bigint AND coalesce(ended_at, granted_at) >= :since
       ORDER BY access_by_hand.id LIMIT :limit`,
      { ...page },
    ),
  access: (db, page) =>
    rows<FoundRecord<'access'>>(
      db,
      `SELECT reference AS id, 'changed' AS turned FROM access_states
       WHERE reference > coalesce(:after, '') AND agreed_at >= :since ORDER BY reference LIMIT :limit`,
      { ...page },
    ),
};

/** For how many there are to go through. */
export const recordCounts: { readonly [R in RecordKind]: string } = {
  own_invoice: `SELECT count(*) FROM invoices WHERE status IN ('issued', 'paid') AND coalesce(paid_at, issued_at) >= ?`,
  payment_attempt: `SELECT count(*) FROM payment_log WHERE kind = 'attempt_failed' AND at >= ?`,
  payment_invoice: `SELECT count(*) FROM payment_invoices WHERE step = 'paid' AND paid_at >= ?`,
  credit_note: 'SELECT count(*) FROM credit_notes WHERE issued_at >= ?',
  payment: 'SELECT count(*) FROM purchases WHERE paid_at >= ?',
  subscription: 'SELECT count(*) FROM subscriptions WHERE created >= ?',
  test_clock: 'SELECT count(*) FROM test_clocks WHERE synced_from >= ?',
  access_by_hand: 'SELECT count(*) FROM access_by_hand WHERE coalesce(ended_at, granted_at) >= ?',
  access: 'SELECT count(*) FROM access_states WHERE agreed_at >= ?',
};
