import { BROWSER_DAYS } from '../billing/people/admin-browsers.ts';
import type { Db } from '../platform/db.ts';
import { rows } from '../platform/db.ts';
import { pruneLeases } from '../platform/lease.ts';

/** Keeps the logs of deliveries and sessions within bounds. Events and documents are never deleted. */
const DELIVERIES_KEPT_DAYS = 90;
/** Rejected ones are somebody else's doing: a bound on rows as well as on age. */
const REJECTED_KEPT_ROWS = 50_000;
/** A page that is older than this is not sent a second time by accident. */
const FORMS_KEPT_DAYS = 30;

/** @returns how many rows went */
export async function pruneOnce(db: Db): Promise<number> {
  const [old, rejected, sessions, browsers, forms, leases] = await Promise.all([
    rows(db, `DELETE FROM webhook_deliveries WHERE received_at < now() - make_interval(days => ?) RETURNING id`, [
      DELIVERIES_KEPT_DAYS,
    ]),
    rows(
      db,
      `DELETE FROM webhook_deliveries WHERE verdict = 'rejected' AND id <=
         (SELECT id FROM webhook_deliveries WHERE verdict = 'rejected' ORDER BY id DESC OFFSET ? LIMIT 1) RETURNING id`,
      [REJECTED_KEPT_ROWS],
    ),
    rows(db, 'DELETE FROM admin_sessions WHERE expires_at < now() RETURNING token_hash'),
    rows(db, 'DELETE FROM admin_browsers WHERE seen_at < now() - make_interval(days => ?) RETURNING token_hash', [
      BROWSER_DAYS,
    ]),
    rows(db, 'DELETE FROM submitted_forms WHERE created_at < now() - make_interval(days => ?) RETURNING token', [
      FORMS_KEPT_DAYS,
    ]),
    pruneLeases(db),
  ]);
  return old.length + rejected.length + sessions.length + browsers.length + forms.length + leases;
}
