import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { type Db, firstRow, rows } from '../../platform/db.ts';
import { recordAudit } from '../desk/audit-log.ts';
import type { Admin } from './admin.ts';
import { adminName } from './admin-name.ts';
import { closeAllSessions, openSession } from './admin-sessions.ts';
import { hashPassword, passwordFits } from './password-hash.ts';

export interface AdminRow extends Admin {
  readonly created_at: Date;
  readonly signed_in_at: Date | null;
  readonly disabled_at: Date | null;
}

/** Compared against when the name is unknown, so that the time of the answer does not tell which names exist. */
let nobody: Promise<string> | undefined;

/** @returns undefined when name and password don't fit together */
export async function checkLogin(db: Db, name: string, password: string): Promise<Admin | undefined> {
  const row = await findAdmin(db, name);
  nobody ??= hashPassword(randomBytes(16).toString('hex'));
  const fits = await passwordFits(password, row?.password ?? (await nobody));
  return row && fits ? { id: row.id, name: row.name, role: row.role } : undefined;
}

async function findAdmin(db: Db, typed: string): Promise<(Admin & { readonly password: string }) | undefined> {
  // Not only to save the look: Postgres refuses some texts, such as one with a NUL, with an error.
  const name = adminName(typed);
  if (name === undefined) return undefined;
  return firstRow(db, 'SELECT id, name, role, password FROM admin_users WHERE name = ? AND disabled_at IS NULL', [
    name,
  ]);
}

/** By name, disabled ones included. */
export async function listAdmins(db: Db): Promise<AdminRow[]> {
  return rows<AdminRow>(
    db,
    'SELECT id, name, role, created_at, signed_in_at, disabled_at FROM admin_users ORDER BY name',
  );
}

export interface AdminChange {
  /** e.g. `cli:root` */
  readonly actor: string;
  /** Also when nobody is left who may change something in the console. */
  readonly evenTheLast?: boolean;
}

/**
 * Creates an admin, or gives an existing one a new password and role; his sessions end.
 * @throws LastOperator when he would become a viewer
 */
export async function saveAdmin(
  db: Db,
  { name, password, role }: Omit<Admin, 'id'> & { readonly password: string },
  { actor, evenTheLast = false }: AdminChange,
): Promise<void> {
  const hash = await hashPassword(password);
  await db.transaction(async (trx) => {
    if (role === 'viewer' && !evenTheLast) await keepAnOperator(trx, name);
    const row = await firstRow<{ id: number; fresh: boolean }>(
      trx,
      `INSERT INTO admin_users (name, password, role) VALUES (:name, :hash, :role)
       ON CONFLICT ON CONSTRAINT admin_users_name_once
       DO UPDATE SET password = excluded.password, role = excluded.role, disabled_at = NULL
       RETURNING id, xmax = 0 AS fresh`,
      { name: name.toLowerCase(), hash, role },
    );
    await closeAllSessions(trx, row?.id ?? 0);
    const reason = row?.fresh ? `may sign in as ${role}` : `new password, ${role}`;
    await recordAudit(trx, { actor, action: 'admin.create', subject: name.toLowerCase(), reason });
  });
}

/**
 * He may not sign in any more, and is signed out at once.
 * @throws Error that says why not; LastOperator
 */
export async function disableAdmin(
  db: Db,
  name: string,
  { actor, evenTheLast = false, reason }: AdminChange & { readonly reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    if (!evenTheLast) await keepAnOperator(trx, name);
    const admin = await lockedAdmin(trx, name);
    if (admin.disabled_at) throw new Error(`${name} is disabled already.`);
    await rows(trx, 'UPDATE admin_users SET disabled_at = now() WHERE id = ?', [admin.id]);
    await closeAllSessions(trx, admin.id);
    await recordAudit(trx, { actor, action: 'admin.disable', subject: name, reason });
  });
}

/** With the password that he had. @throws Error that says why not */
export async function enableAdmin(
  db: Db,
  name: string,
  { actor, reason }: { readonly actor: string; readonly reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const admin = await lockedAdmin(trx, name);
    if (!admin.disabled_at) throw new Error(`${name} is not disabled.`);
    await rows(trx, 'UPDATE admin_users SET disabled_at = NULL WHERE id = ?', [admin.id]);
    await recordAudit(trx, { actor, action: 'admin.enable', subject: name, reason });
  });
}

/**
 * An admin changes his own password, which he was just asked for; he is signed out everywhere.
 * @param old the one that he has typed
 * @returns the token of a new session; undefined when the old one is not right
 */
export async function changePassword(db: Db, admin: Admin, old: string, password: string): Promise<string | undefined> {
  const row = await findAdmin(db, admin.name);
  if (!row || !(await passwordFits(old, row.password))) return undefined;
  const hash = await hashPassword(password);
  return db.transaction(async (trx) => {
    // Not over one that was set meanwhile, for example because this one is known to somebody.
    const changed = await firstRow(
      trx,
      'UPDATE admin_users SET password = ? WHERE id = ? AND password = ? AND disabled_at IS NULL RETURNING id',
      [hash, row.id, row.password],
    );
    if (!changed) return undefined;
    await closeAllSessions(trx, row.id);
    const reason = 'changed in the console by himself';
    await recordAudit(trx, { actor: `admin:${row.name}`, action: 'admin.password', subject: row.name, reason });
    return openSession(trx, row);
  });
}

/** Without one, nobody can answer a question or void an invoice in the console. */
export class LastOperator extends Error {
  override readonly name = 'LastOperator';
}

/** The operators are locked: of two who take the last two away at the same time, one is told. @throws LastOperator */
async function keepAnOperator(trx: Knex.Transaction, name: string): Promise<void> {
  const operators = await rows<{ name: string }>(
    trx,
    `SELECT name FROM admin_users WHERE role = 'operator' AND disabled_at IS NULL ORDER BY id FOR UPDATE`,
  );
  if (operators.length === 1 && operators[0]?.name === name.toLowerCase()) {
    throw new LastOperator(`${name} is the last operator: nobody could change anything in the console any more.`);
  }
}

async function lockedAdmin(trx: Knex.Transaction, name: string): Promise<AdminRow> {
  const row = await firstRow<AdminRow>(
    trx,
    'SELECT id, name, role, created_at, signed_in_at, disabled_at FROM admin_users WHERE name = ? FOR UPDATE',
    [name],
  );
  if (!row) throw new Error(`There is no admin ${name}: "admin list" shows them.`);
  return row;
}
