import { afterAll, beforeEach, expect, test } from 'vitest';
import { connect, firstRow, rows } from '../../src/platform/db.ts';
import { pruneOnce } from '../../src/workers/retention.ts';
import { freshDatabase } from '../support/database.ts';

const db = connect((await freshDatabase()).url, { name: 'test', connections: 4 });
afterAll(() => db.destroy());
beforeEach(() => rows(db, 'TRUNCATE webhook_deliveries, admin_users CASCADE'));

const deliveriesOf = (verdict: string, many: number, age: string) =>
  rows(
    db,
    `INSERT INTO webhook_deliveries (verdict, received_at) SELECT ?, now() - ?::interval FROM generate_series(1, ?)`,
    [verdict, age, many],
  );
const left = () =>
  firstRow(
    db,
    `SELECT count(*) FILTER (WHERE verdict = 'rejected') AS rejected, count(*) FILTER (WHERE verdict <> 'rejected') AS others
     FROM webhook_deliveries`,
  );

test('deliveries are kept for ninety days', async () => {
  await deliveriesOf('accepted', 3, '89 days 23 hours');
  await deliveriesOf('accepted', 2, '90 days 1 minute');
  await deliveriesOf('rejected', 1, '91 days');
  expect(await pruneOnce(db)).toBe(3);
  expect(await left()).toEqual({ rejected: 0, others: 3 });
});

test('of the rejected ones the newest fifty thousand are kept, and no other goes for them', async () => {
  await deliveriesOf('duplicate', 10, '3 days');
  await deliveriesOf('rejected', 20, '2 days');
  await deliveriesOf('rejected', 50_000, '1 hour');
  expect(await pruneOnce(db)).toBe(20);
  expect(await left()).toEqual({ rejected: 50_000, others: 10 });
  expect(
    await firstRow(
      db,
      `SELECT count(*) FROM webhook_deliveries WHERE verdict = 'rejected' AND received_at < now() - interval '1 day'`,
    ),
  ).toEqual({ count: 0 });
  expect(await pruneOnce(db)).toBe(0);
});

test('sessions go when they have expired', async () => {
  await rows(
    db,
    `WITH admin AS (INSERT INTO admin_users (name, password) VALUES ('ada', 'x') RETURNING id)
     INSERT INTO admin_sessions (token_hash, admin_id, expires_at)
     SELECT hash, id, now() + expiry::interval FROM admin, (VALUES ('old', '-1 second'), ('new', '1 minute')) s (hash, expiry)`,
  );
  expect(await pruneOnce(db)).toBe(1);
  expect(await rows(db, 'SELECT token_hash FROM admin_sessions')).toEqual([{ token_hash: 'new' }]);
});

test('what forms of the console have made is forgotten after thirty days', async () => {
  await rows(
    db,
    `WITH admin AS (INSERT INTO admin_users (name, password) VALUES ('ada', 'x') RETURNING id)
     INSERT INTO submitted_forms (token, admin_id, content_hash, created_at)
     SELECT gen_random_uuid(), id, age, now() - age::interval FROM admin, (VALUES ('30 days 1 minute'), ('29 days')) f (age)`,
  );
  expect(await pruneOnce(db)).toBe(1);
  expect(await rows(db, 'SELECT content_hash AS age FROM submitted_forms')).toEqual([{ age: '29 days' }]);
});
