import { type Bindings, type Db, firstRow, rows } from './db.ts';

/**
 * Lists are read by key: a page begins behind a row that the reader has seen, or ends before it. So rows that come in
 * meanwhile are neither shown twice nor do they hide another, and the last page costs what the first does.
 */
export interface PageAsked {
  readonly limit: number;
  /** The id of the row before the page, in the order of the list. At most one of the two is given. */
  readonly after?: string | undefined;
  /** The id of the row behind the page. */
  readonly before?: string | undefined;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Whether there are rows before the first of the page, or behind its last. */
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

/** A list in the order of a time that never changes once it is set, and of the ids among equal times. An index has both. */
export interface ListOrder {
  readonly table: string;
  readonly by: string;
  readonly newestFirst: boolean;
  /** The column of the ids, where it is not called so. */
  readonly key?: string;
  /** What can't be an id is never asked of the database. */
  readonly ids: RegExp;
}

export interface ListQuery {
  /** SELECT and FROM; the table of the order has its own name there. */
  readonly select: string;
  /** All of them hold. */
  readonly where: readonly string[];
  readonly bindings: { readonly [name: string]: string };
}

/** @returns undefined when the row to begin or end at is not there */
export async function readPage<Row>(
  db: Db,
  order: ListOrder,
  { select, where, bindings }: ListQuery,
  asked: PageAsked,
): Promise<Page<Row> | undefined> {
  const { table, by, newestFirst, key: id = 'id' } = order;
  const cursor = asked.after ?? asked.before;
  if (cursor !== undefined && !(await isThere(db, order, cursor))) return undefined;
  const backwards = asked.before !== undefined;
  const descending = newestFirst !== backwards;
  const conditions = [...where];
  if (cursor !== undefined) {
    const key = `((SELECT ${by} FROM ${table} WHERE ${id} = :cursor), :cursor)`;
    conditions.push(`(${table}.${by}, ${table}.${id}) ${descending ? '<' : '>'} ${key}`);
  }
  const direction = descending ? 'DESC' : 'ASC';
  // One more than asked for tells whether there are more.
  const values: Bindings = { ...bindings, ...(cursor === undefined ? {} : { cursor }), limit: asked.limit + 1 };
  const found = await rows<Row>(
    db,
    `${select} WHERE ${['true', ...conditions].join(' AND ')}
     ORDER BY ${table}.${by} ${direction}, ${table}.${id} ${direction} LIMIT :limit`,
    values,
  );
  const more = found.length > asked.limit;
  const page = found.slice(0, asked.limit);
  return backwards
    ? { rows: page.reverse(), hasBefore: more, hasAfter: true }
    : { rows: page, hasBefore: cursor !== undefined, hasAfter: more };
}

async function isThere(db: Db, { table, by, key = 'id', ids }: ListOrder, id: string): Promise<boolean> {
  if (!ids.test(id)) return false;
  return (await firstRow(db, `SELECT ${key} FROM ${table} WHERE ${key} = ? AND ${by} IS NOT NULL`, [id])) !== undefined;
}
