import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { AskedParams } from './change-params.ts';
import type { When } from './wanted-change.ts';

/** The table `subscription_changes`: what somebody has confirmed, from before Stripe is asked to what came of it. */
export interface ChangeRow {
  /** chg_… */
  readonly id: string;
  readonly subscription: string;
  readonly wanted: string;
  readonly takes_effect: When;
  /** What Stripe is asked; of a change at the end of the period only its items. */
  readonly params: AskedParams;
  readonly proration_date: number | null;
  readonly currency: string;
  readonly due_now: number;
  readonly total: number;
  readonly invoice_before: string | null;
  readonly state: 'asking' | 'done' | 'refused' | 'dropped';
  readonly key_version: number;
  readonly schedule: string | null;
  readonly outcome: 'applied' | 'waiting' | 'scheduled' | null;
  readonly invoice: string | null;
  readonly charged_due: number | null;
  readonly charged_total: number | null;
  readonly pay_url: string | null;
  readonly effect_at: Date | null;
  readonly changed_by: string;
  /** How long ago it was written, by the clock of Postgres. */
  readonly seconds: number;
}

const COLUMNS = `id, subscription, wanted, takes_effect, params, proration_date, currency, due_now, total, invoice_before, state,
  key_version, schedule, outcome, invoice, charged_due, charged_total, pay_url, effect_at, changed_by,
  extract(epoch FROM now() - asked_at)::float8 AS seconds`;

/** The one that is on its way: there is one at a time. */
export async function changeOnItsWay(db: Db, subscription: string): Promise<ChangeRow | undefined> {
  return firstRow<ChangeRow>(
    db,
    `SELECT ${COLUMNS} FROM subscription_changes WHERE subscription = ? AND state = 'asking'`,
    [subscription],
  );
}

/** The latest that was made, if it is what is wanted now. */
export async function changeMade(db: Db, subscription: string, wanted: string): Promise<ChangeRow | undefined> {
  return firstRow<ChangeRow>(
    db,
    `SELECT ${COLUMNS} FROM subscription_changes WHERE subscription = :subscription AND wanted = :wanted AND state = 'done'
     ORDER BY asked_at DESC LIMIT 1`,
    { subscription, wanted },
  );
}

export async function findChange(db: Db, id: string): Promise<ChangeRow | undefined> {
  return firstRow<ChangeRow>(db, `SELECT ${COLUMNS} FROM subscription_changes WHERE id = ?`, [id]);
}

export interface NewChange
  extends Pick<
    ChangeRow,
    | 'id'
    | 'subscription'
    | 'wanted'
    | 'takes_effect'
    | 'params'
    | 'proration_date'
    | 'currency'
    | 'due_now'
    | 'total'
    | 'invoice_before'
    | 'changed_by'
  > {}

/** @returns undefined when another one is on its way, or it was made already */
export async function insertChange(
  db: Db | Knex.Transaction,
  { params, ...change }: NewChange,
): Promise<ChangeRow | undefined> {
  return firstRow<ChangeRow>(
    db,
    `INSERT INTO subscription_changes (
       id, subscription, wanted, takes_effect, params, proration_date, currency, due_now, total, invoice_before, changed_by)
     VALUES (
       :id, :subscription, :wanted, :takes_effect, :params, :proration_date, :currency, :due_now, :total, :invoice_before,
       :changed_by)
     ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
    { ...change, params: JSON.stringify(params) },
  );
}

/** What Stripe has answered to a key it answers again for a day, an error of its own, too: the next try needs another one. */
export async function raiseKeyVersion(db: Db, id: string): Promise<void> {
  await rows(db, `UPDATE subscription_changes SET key_version = key_version + 1 WHERE id = ? AND state = 'asking'`, [
    id,
  ]);
}

export async function noteSchedule(db: Db, id: string, schedule: string): Promise<void> {
  await rows(db, `UPDATE subscription_changes SET schedule = :schedule WHERE id = :id AND state = 'asking'`, {
    id,
    schedule,
  });
}

/** What came of it. */
export interface Made {
  readonly outcome: 'applied' | 'waiting' | 'scheduled';
  readonly invoice: string | null;
  readonly chargedDue: number | null;
  readonly chargedTotal: number | null;
  readonly payUrl: string | null;
  readonly effectAt: Date | null;
}

/** @returns undefined when somebody else has ended it */
export async function endMade(trx: Knex.Transaction, id: string, made: Made): Promise<ChangeRow | undefined> {
  return firstRow<ChangeRow>(
    trx,
    `UPDATE subscription_changes SET state = 'done', outcome = :outcome, invoice = :invoice, charged_due = :chargedDue,
       charged_total = :chargedTotal, pay_url = :payUrl, effect_at = :effectAt, ended_at = now()
     WHERE id = :id AND state = 'asking' RETURNING ${COLUMNS}`,
    { id, ...made },
  );
}

export async function endUnmade(db: Db, id: string, state: 'refused' | 'dropped'): Promise<void> {
  await rows(
    db,
    `UPDATE subscription_changes SET state = :state, ended_at = now() WHERE id = :id AND state = 'asking'`,
    { id, state },
  );
}
