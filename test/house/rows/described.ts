import type pg from 'pg';
import { z } from 'zod';
import type { Db } from '../../../src/platform/db.ts';

/** What Postgres says of a column that a statement returns. */
export interface DescribedColumn {
  readonly name: string;
  /** e.g. `timestamptz`, `_text` for an array of texts */
  readonly type: string;
  /** Of a column that comes straight from a table; undefined where it is computed, may be missing from a join, or is asked for. */
  readonly notNull: boolean | undefined;
  /** The texts that a CHECK of the table lets stand in it; undefined where none lists them. */
  readonly allowed: readonly string[] | undefined;
}

const origin = z.object({
  type: z.string(),
  table: z.string().nullable(),
  column: z.string().nullable(),
  not_null: z.boolean().nullable(),
  checks: z.array(z.string()),
});

/** Parses statements and has their results described; nothing is carried out. */
export class Describer {
  readonly #client: pg.Client;
  readonly #db: Db;

  /** @param db says how a statement is sent */
  constructor(client: pg.Client, db: Db) {
    this.#client = client;
    this.#db = db;
  }

  /** @throws Error when Postgres refuses the statement */
  async columnsOf(statement: string, isNamed: boolean): Promise<readonly DescribedColumn[]> {
    const columns: DescribedColumn[] = [];
    for (const field of await this.#describe(this.#asSent(statement, isNamed))) {
      columns.push(await this.#column(field, statement));
    }
    return columns;
  }

  /** With its numbered parameters. */
  #asSent(statement: string, isNamed: boolean): string {
    const names = [...statement.matchAll(/(?<![:\w]):([a-z]\w*)/gi)].map(([, name = '']) => [name, null]);
    const values = isNamed ? Object.fromEntries(names) : Array.from(statement.matchAll(/(?<!\\)\?/g), () => null);
    return this.#db.raw(statement, values).toSQL().toNative().sql;
  }

  #describe(text: string): Promise<readonly pg.FieldDef[]> {
    return new Promise((resolve, reject) => {
      let fields: readonly pg.FieldDef[] = [];
      const question = {
        submit(connection: pg.Connection) {
          connection.parse({ name: '', text, types: [] }, true);
          connection.describe({ type: 'S', name: '' }, true);
          connection.sync();
        },
        // As the client tells whoever it is busy for.
        handleRowDescription(said: { readonly fields: readonly pg.FieldDef[] }) {
          fields = said.fields;
        },
        handleError: reject,
        handleReadyForQuery: () => resolve(fields),
      };
      this.#client.query(question);
    });
  }

  async #column({ name, dataTypeID, tableID, columnID }: pg.FieldDef, statement: string): Promise<DescribedColumn> {
    const { rows } = await this.#client.query(
      `SELECT t.typname AS type, a.attrelid::regclass::text AS table, a.attname AS column, a.attnotnull AS not_null,
              array(SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
                    WHERE c.conrelid = a.attrelid AND c.contype = 'c' AND c.conkey = ARRAY[a.attnum]) AS checks
       FROM pg_type t LEFT JOIN pg_attribute a ON a.attrelid = $2 AND a.attnum = $3 WHERE t.oid = $1`,
      [dataTypeID, tableID, columnID],
    );
    const { type, table, column, not_null: notNull, checks } = origin.parse(rows[0]);
    const isSure = !isMissingAtTimes(table, statement) && !(notNull === false && isAskedFor(column, statement));
    return {
      name,
      type,
      notNull: isSure && notNull !== null ? notNull : undefined,
      allowed: checks.map(listedIn).find((listed) => listed !== undefined),
    };
  }
}

function isMissingAtTimes(table: string | null, statement: string): boolean {
  return new RegExp(`LEFT JOIN ${table}\\b`, 'i').test(statement);
}

/** By a condition of its own that no NULL fulfils. */
function isAskedFor(column: string | null, statement: string): boolean {
  return new RegExp(`(?:WHERE|AND)\\s+(?:\\w+\\.)?${column}\\s+(?:IS NOT NULL|[<>=])`).test(statement);
}

/** Of `CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text])))`. */
function listedIn(check: string): readonly string[] | undefined {
  const list = /^CHECK \(\(\w+ = ANY \(ARRAY\[([^\]]+)\]\)\)\)$/.exec(check)?.[1];
  return list === undefined ? undefined : [...list.matchAll(/'([^']*)'/g)].map(([, text = '']) => text);
}

/** One answer of several statements: NULL if one of them may be, never only if all say so. */
export function together(answers: readonly (readonly DescribedColumn[])[]): readonly DescribedColumn[] {
  const merged = new Map<string, DescribedColumn>();
  for (const column of answers.flat()) {
    const before = merged.get(column.name) ?? column;
    const sure = before.notNull === column.notNull ? column.notNull : undefined;
    merged.set(column.name, { ...column, notNull: [before.notNull, column.notNull].includes(false) ? false : sure });
  }
  return [...merged.values()];
}
