import type { Socket } from 'node:net';
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { type Log, messageOf } from './log.ts';

/**
 * Postgres, the truth. Money is bigint in minor units: far below 2^53, so it is read as a number, and a value that is
 * not exact throws instead of rounding.
 */
pg.types.setTypeParser(pg.types.builtins.INT8, exactNumber);
function exactNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`bigint ${text} does not fit a number exactly`);
  return value;
}

export type Db = Knex;

export interface DbOptions {
  /** Connections of this process at most. */
  readonly connections: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Where knex says what it would print; without one it says nothing. */
  readonly log?: Log;
}

/** A statement that takes longer than this is stuck, not slow. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** Longer than any statement may take: by then a server that has said nothing is gone, and its host has not told. */
export const SILENCE_MS = STATEMENT_TIMEOUT_MS + 10_000;

export function connectionSettings(url: string, name: string) {
  return {
    connectionString: url,
    application_name: `quittance ${name}`,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
  };
}

export function connect(url: string, options: DbOptions): Db {
  return knex({
    client: 'pg',
    connection: connectionSettings(url, options.name),
    pool: { min: 0, max: options.connections, afterCreate: endWhenSilent },
    acquireConnectionTimeout: 10_000,
    // An error quotes the statement as it was written: its values are names and addresses.
    compileSqlOnError: false,
    log: voiceOf(options.log),
  });
}

function voiceOf(log: Log | undefined): Knex.Logger {
  const say = (level: 'error' | 'warn' | 'debug') => (said: unknown) => {
    log?.[level]('knex', { text: said instanceof Error ? messageOf(said) : String(said) });
  };
  return { error: say('error'), warn: say('warn'), deprecate: say('debug'), debug: say('debug') };
}

interface Connected {
  readonly connection: { readonly stream: Socket };
}

/** Timeouts of statements are the server's. Who waits for one that has vanished would wait until the network gives up. */
function endWhenSilent(client: Connected, done: (error: Error | null, client: Connected) => void): void {
  const { stream } = client.connection;
  stream.setTimeout(SILENCE_MS, () => {
    stream.destroy(new Error(`Postgres said nothing for ${SILENCE_MS / 1000} s`));
  });
  done(null, client);
}

/** Named (`:name`) or positional (`?`) values of a raw query. */
export type Bindings = readonly Knex.Value[] | { readonly [name: string]: Knex.Value };

/** Rows of a raw query, typed by the caller who wrote its SELECT list. `test/house/typed-rows.test.ts` asks Postgres whether it is so. */
export async function rows<Row>(db: Db | Knex.Transaction, sql: string, bindings: Bindings = []): Promise<Row[]> {
  const result: { rows: Row[] } = await db.raw(sql, bindings).options(prepared(sql));
  return result.rows;
}

/** By its text, of which there are as many as there are in the code; a few are made of parts. */
const names = new Map<string, string>();
const MOST_NAMES = 1_000;

/**
 * A statement with a name is parsed once per connection, and mostly planned once: that is half of what a short one costs Postgres.
 * A pooler must keep a session together, which it must for our settings of the session, too.
 */
function prepared(sql: string): { name?: string } {
  const known = names.get(sql);
  if (known !== undefined) return { name: known };
  if (names.size === MOST_NAMES) return {};
  const name = `quittance_${names.size + 1}`;
  names.set(sql, name);
  return { name };
}

export async function firstRow<Row>(
  db: Db | Knex.Transaction,
  sql: string,
  bindings: Bindings = [],
): Promise<Row | undefined> {
  return (await rows<Row>(db, sql, bindings))[0];
}

/** SQLSTATE classes 08 (no connection), 53 (no resources) and 57P (shut down, or starting), and what no server has said. */
const AWAY = /^(08|53|57P)|^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;

/** Whether Postgres can't be worked with just now, whatever was asked of it. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof knex.KnexTimeoutError) return true;
  if ('code' in error && AWAY.test(String(error.code))) return true;
  return /^(Connection terminated|timeout expired|Postgres said nothing)/.test(error.message);
}
