import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Db, firstRow } from '../../platform/db.ts';
import { bug } from '../../platform/errors.ts';

/**
 * The link of an own invoice: `/i/<16 characters of its id><22 characters of HMAC>`. It can't be guessed, nothing about it
 * is stored, and raising the invoice's link version makes the old one a 404.
 */
const SECRET = 'public_links';
const ID_PREFIX = 'inv_';
const ID_LENGTH = 16;
export const INVOICE_ID = /^inv_[a-z0-9]{16}$/;

let secret: Promise<string> | undefined;

/**
 * Made by a migration and kept in Postgres: a restore of the database keeps the links. It is only read here, because this
 * runs inside of callers' transactions too: one that rolls back must not leave a process signing with what is not stored.
 */
async function linkSecret(db: Db): Promise<string> {
  const row = await firstRow<{ value: string }>(db, 'SELECT value FROM app_secrets WHERE name = ?', [SECRET]);
  return row?.value ?? bug(`the table app_secrets has no ${SECRET}: restore that row, all links are signed with it`);
}

async function macOf(db: Db, id: string, version: number): Promise<string> {
  secret ??= linkSecret(db).catch((error: unknown) => {
    secret = undefined;
    throw error;
  });
  return createHmac('sha256', await secret)
    .update(`${id}:${version}`)
    .digest('base64url')
    .slice(0, 22);
}

export async function tokenOf(
  db: Db,
  invoice: { readonly id: string; readonly link_version: number },
): Promise<string> {
  return invoice.id.slice(ID_PREFIX.length) + (await macOf(db, invoice.id, invoice.link_version));
}

/** The id that a token claims to be of; whether it is genuine is asked with `isTokenOf`, once the version is known. */
export function idInToken(token: string): string | undefined {
  return /^[a-z0-9]{16}[\w-]{22}$/.test(token) ? ID_PREFIX + token.slice(0, ID_LENGTH) : undefined;
}

export async function isTokenOf(
  db: Db,
  token: string,
  invoice: { readonly id: string; readonly link_version: number },
): Promise<boolean> {
  const expected = Buffer.from(await tokenOf(db, invoice));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Whether it was the token of the invoice before its link was renewed: who has just paid may still come back with it. */
export async function wasTokenOf(
  db: Db,
  token: string,
  { id, link_version: current }: { readonly id: string; readonly link_version: number },
): Promise<boolean> {
  for (let version = current - 1; version > 0; version -= 1) {
    if (await isTokenOf(db, token, { id, link_version: version })) return true;
  }
  return false;
}

/** 16 characters of a-z0-9: about 82 bits. */
export function newInvoiceId(): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';
  const letters: string[] = [];
  while (letters.length < ID_LENGTH) {
    for (const byte of randomBytes(32)) {
      // 252 is the largest multiple of 36: above it some letters would be likelier than others.
      if (byte < 252 && letters.length < ID_LENGTH) letters.push(alphabet[byte % 36] ?? '');
    }
  }
  return ID_PREFIX + letters.join('');
}
