import { afterAll, expect, test } from 'vitest';
import { connect, firstRow, rows } from '../../src/platform/db.ts';
import { freshDatabase } from '../support/database.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 2 });
afterAll(() => db.destroy());

test('money and counts come as numbers, exactly', async () => {
  expect(await firstRow(db, 'SELECT 9007199254740991::bigint AS most, count(*) FROM generate_series(1, 3)')).toEqual({
    most: Number.MAX_SAFE_INTEGER,
    count: 3,
  });
});

test('a number that would be rounded is refused', async () => {
  await expect(rows(db, 'SELECT 9007199254740993::bigint')).rejects.toThrow('does not fit a number exactly');
});

test('rows are typed by the caller; bindings are named or positional; the process has a name at the server', async () => {
  expect(await rows(db, 'SELECT :a::int AS a, :b::text AS b', { a: 1, b: null })).toEqual([{ a: 1, b: null }]);
  expect(await firstRow(db, 'SELECT ? AS b', ['x'])).toEqual({ b: 'x' });
  expect(await firstRow(db, 'SELECT 1 WHERE false')).toBeUndefined();
  expect(await firstRow(db, `SELECT current_setting('application_name') AS name`)).toEqual({ name: 'quittance test' });
});
