import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import type { CausedGrant } from './access-state.ts';
import type { Grant } from './grant.ts';

/** The table `access_grants`. Derived: written by `agree-access.ts` alone, and never deleted. */
export interface GrantRow {
  readonly cause: string;
  readonly feature: string;
  readonly value: Grant['value'];
  readonly until: Date | null;
  readonly grace_until: Date | null;
  readonly bridged_until: Date | null;
}

interface StandingRow extends GrantRow {
  readonly frozen_at: Date | null;
}

/** Those that were not ended. Some may have run out. */
export async function standingGrants(db: Db | Knex.Transaction, reference: string): Promise<CausedGrant[]> {
  const found = await rows<StandingRow>(
    db,
    `SELECT cause, feature, value, until, grace_until, bridged_until, frozen_at FROM access_grants WHERE reference = ? AND ended_at IS NULL`,
    [reference],
  );
  return found.map(causedGrant);
}

function causedGrant({ grace_until, bridged_until, frozen_at, ...rest }: StandingRow): CausedGrant {
  return { ...rest, graceUntil: grace_until, bridgedUntil: bridged_until, frozenAt: frozen_at };
}

export interface Given {
  readonly reference: string;
  readonly grants: readonly Grant[];
  /** Of the test clock that the cause is on. */
  readonly frozenAt: Date | null;
}

/** What a cause gives now, and to whom. What it gave and gives no more is ended. @returns all whose access this touches */
export async function writeGrants(
  trx: Knex.Transaction,
  cause: string,
  given: Given | { readonly because: string },
): Promise<string[]> {
  const { reference, grants, frozenAt, because } =
    'grants' in given
      ? { ...given, because: 'it is given no more' }
      : { reference: null, grants: [], frozenAt: null, because: given.because };
  const before = await rows<{ reference: string }>(
    trx,
    'SELECT DISTINCT reference FROM access_grants WHERE cause = ? AND ended_at IS NULL',
    [cause],
  );
  await rows(
    trx,
    `UPDATE access_grants SET ended_at = now(), ended_because = :because
     WHERE cause = :cause AND ended_at IS NULL AND feature <> ALL(:features)`,
    { cause, because, features: grants.map(({ feature }) => feature) },
  );
  for (const grant of grants) await writeGrant(trx, { ...grant, cause, reference, frozenAt });
  return [...new Set([...before.map((row) => row.reference), ...(reference === null ? [] : [reference])])].sort();
}

async function writeGrant(
  trx: Knex.Transaction,
  { value, ...grant }: CausedGrant & { readonly reference: string | null },
): Promise<void> {
  await rows(
    trx,
    `INSERT INTO access_grants (cause, feature, reference, value, until, grace_until, bridged_until, frozen_at)
     VALUES (:cause, :feature, :reference, :value, :until, :graceUntil, :bridgedUntil, :frozenAt)
     ON CONFLICT ON CONSTRAINT access_grants_once DO UPDATE SET
       granted_at = CASE WHEN access_grants.ended_at IS NULL AND access_grants.reference = excluded.reference
                         THEN access_grants.granted_at ELSE now() END,
       reference = excluded.reference, value = excluded.value, until = excluded.until, grace_until = excluded.grace_until, bridged_until = excluded.bridged_until,
       frozen_at = excluded.frozen_at,
       ended_at = NULL, ended_because = NULL`,
    { ...grant, value: value === null ? null : JSON.stringify(value) },
  );
}

/** Whether a cause gives anything to anybody. */
export async function isGranted(trx: Knex.Transaction, cause: string): Promise<boolean> {
  const row = await firstRow(trx, 'SELECT FROM access_grants WHERE cause = ? AND ended_at IS NULL LIMIT 1', [cause]);
  return row !== undefined;
}

export interface GrantOfOne extends GrantRow {
  readonly granted_at: Date;
  readonly ended_at: Date | null;
  readonly ended_because: string | null;
}

/** All that somebody ever was given, latest first. */
export async function allGrants(db: Db, reference: string): Promise<GrantOfOne[]> {
  return rows<GrantOfOne>(
    db,
    `SELECT cause, feature, value, until, grace_until, bridged_until, granted_at, ended_at, ended_because FROM access_grants
     WHERE reference = ? ORDER BY granted_at DESC, feature LIMIT 500`,
    [reference],
  );
}

/** All that a cause ever gave, and to whom; what it gives now first. */
export async function grantsOfCause(db: Db, cause: string): Promise<(GrantOfOne & { readonly reference: string })[]> {
  return rows<GrantOfOne & { readonly reference: string }>(
    db,
    `SELECT cause, feature, reference, value, until, grace_until, bridged_until, granted_at, ended_at, ended_because
     FROM access_grants WHERE cause = ? ORDER BY ended_at IS NOT NULL, feature`,
    [cause],
  );
}
