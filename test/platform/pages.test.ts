import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { connect, rows } from '../../src/platform/db.ts';
import { type ListOrder, type ListQuery, type PageAsked, readPage } from '../../src/platform/pages.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { freshDatabase } from '../support/database.ts';
import { propertyRun } from '../support/property.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
await rows(db, 'CREATE TABLE leaves (id bigint PRIMARY KEY, fell_at timestamptz, colour text NOT NULL)');
beforeEach(() => rows(db, 'TRUNCATE leaves'));

const newestFirst: ListOrder = { table: 'leaves', by: 'fell_at', newestFirst: true, ids: /^\d{1,9}$/ };
const oldestFirst: ListOrder = { ...newestFirst, newestFirst: false };
const all: ListQuery = { select: 'SELECT id FROM leaves', where: [], bindings: {} };

async function leaf(id: number, minute: number, colour = 'red'): Promise<void> {
  await rows(db, `INSERT INTO leaves VALUES (?, '2026-10-01'::timestamptz + make_interval(mins => ?), ?)`, [
    id,
    minute,
    colour,
  ]);
}

async function page(asked: PageAsked, order = newestFirst, query = all) {
  const found = await readPage<{ id: number }>(db, order, query, asked);
  return found && { ...found, rows: found.rows.map(({ id }) => id) };
}

/** From the beginning, page by page; `between` happens after each. */
async function walk(limit: number, order: ListOrder, between: () => Promise<void> = async () => {}): Promise<number[]> {
  const seen: number[] = [];
  for (let after: string | undefined; ; after = String(seen.at(-1))) {
    const next = await page({ limit, after }, order);
    seen.push(...(next?.rows ?? []));
    if (!next?.hasAfter) return seen;
    await between();
  }
}

describe('a walk through a list', () => {
  test.each([
    ['newest first', newestFirst],
    ['oldest first', oldestFirst],
  ])('%s, shows each row once and in order, whatever the times and the size of a page', async (_name, order) => {
    const lists = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 5 }), async (minutes, limit) => {
        await rows(db, 'TRUNCATE leaves');
        for (const [id, minute] of minutes.entries()) await leaf(id, minute);
        const ids = minutes
          .map((minute, id) => ({ minute, id }))
          .sort((a, b) => a.minute - b.minute || a.id - b.id)
          .map(({ id }) => id);
        expect(await walk(limit, order)).toEqual(order.newestFirst ? ids.reverse() : ids);
      }),
      propertyRun(40),
    );
  });

  test('is not disturbed by rows that come in at the front between two pages', async () => {
    for (let id = 1; id <= 7; id += 1) await leaf(id, id);
    let come = 100;
    const seen = await walk(2, newestFirst, () => leaf(++come, come));
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test('sees those that come in at its end', async () => {
    for (let id = 1; id <= 4; id += 1) await leaf(id, id);
    let come = 100;
    const seen = await walk(2, oldestFirst, async () => {
      if (come < 102) await leaf(++come, come);
    });
    expect(seen).toEqual([1, 2, 3, 4, 101, 102]);
  });

  test('goes on although the row that it came to has another colour now', async () => {
    for (let id = 1; id <= 4; id += 1) await leaf(id, id);
    const red = { ...all, where: ['colour = :colour'], bindings: { colour: 'red' } };
    expect((await page({ limit: 2 }, newestFirst, red))?.rows).toEqual([4, 3]);
    await rows(db, `UPDATE leaves SET colour = 'brown' WHERE id = 3`);
    expect((await page({ limit: 2, after: '3' }, newestFirst, red))?.rows).toEqual([2, 1]);
  });
});

describe('a page', () => {
  test('knows whether there is something on both sides of it', async () => {
    for (let id = 1; id <= 5; id += 1) await leaf(id, 0);
    expect(await page({ limit: 5 })).toEqual({ rows: [5, 4, 3, 2, 1], hasBefore: false, hasAfter: false });
    expect(await page({ limit: 2 })).toEqual({ rows: [5, 4], hasBefore: false, hasAfter: true });
    expect(await page({ limit: 2, after: '4' })).toEqual({ rows: [3, 2], hasBefore: true, hasAfter: true });
    expect(await page({ limit: 2, after: '2' })).toEqual({ rows: [1], hasBefore: true, hasAfter: false });
    expect(await page({ limit: 2, after: '1' })).toEqual({ rows: [], hasBefore: true, hasAfter: false });
  });

  test('before a row holds those next to it, in the order of the list', async () => {
    for (let id = 1; id <= 5; id += 1) await leaf(id, 0);
    expect(await page({ limit: 2, before: '1' })).toEqual({ rows: [3, 2], hasBefore: true, hasAfter: true });
    expect(await page({ limit: 2, before: '3' })).toEqual({ rows: [5, 4], hasBefore: false, hasAfter: true });
    expect(await page({ limit: 2, before: '3' }, oldestFirst)).toEqual({
      rows: [1, 2],
      hasBefore: false,
      hasAfter: true,
    });
  });

  test.each(['9', 'x', '', "1' OR true", '12345678901234567890'])(
    'at the row %j, which is not there, is none',
    async (id) => {
      await leaf(1, 0);
      expect(await page({ limit: 2, after: id })).toBeUndefined();
      expect(await page({ limit: 2, before: id })).toBeUndefined();
    },
  );

  test('at a row that has no place in the list is none', async () => {
    await rows(db, `INSERT INTO leaves VALUES (1, NULL, 'green')`);
    expect(await page({ limit: 2, after: '1' })).toBeUndefined();
  });
});
