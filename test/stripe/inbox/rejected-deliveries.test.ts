import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { connectionSettings } from '../../../src/platform/db.ts';
import { type RejectedDeliveries, rejectedDeliveries } from '../../../src/stripe/inbox/rejected-deliveries.ts';
import { freshDatabase } from '../../support/database.ts';

const { url } = await freshDatabase();
const pool = new pg.Pool({ ...connectionSettings(url, 'test'), max: 2 });
afterAll(() => pool.end());

const opened: RejectedDeliveries[] = [];
function rejected(onError: (error: unknown) => void = () => {}): RejectedDeliveries {
  const deliveries = rejectedDeliveries(pool, onError);
  opened.push(deliveries);
  return deliveries;
}
beforeEach(() => pool.query('TRUNCATE webhook_deliveries'));
afterEach(async () => {
  vi.useRealTimers();
  for (const deliveries of opened.splice(0)) await deliveries.close();
});

async function records(): Promise<{ reason: string; requests: number }[]> {
  const { rows } = await pool.query('SELECT verdict, reason, requests FROM webhook_deliveries ORDER BY id');
  expect(rows.every(({ verdict }) => verdict === 'rejected')).toBe(true);
  return rows.map(({ reason, requests }) => ({ reason, requests }));
}

test('the first refusals of a minute have a row each, with their reason and time', async () => {
  const deliveries = rejected();
  deliveries.note('signature_wrong');
  deliveries.note('timestamp_stale');
  await deliveries.flush();
  expect(await records()).toEqual([
    { reason: 'signature_wrong', requests: 1 },
    { reason: 'timestamp_stale', requests: 1 },
  ]);
});

test('a flood leaves twenty rows and one per reason with the count, and each request is counted', async () => {
  const deliveries = rejected();
  for (let n = 0; n < 5_000; n++) deliveries.note(n % 5 === 0 ? 'json' : 'signature_wrong');
  await deliveries.flush();
  const all = await records();
  expect(all).toHaveLength(22);
  expect(all.reduce((sum, { requests }) => sum + requests, 0)).toBe(5_000);
  expect(all.slice(20)).toEqual([
    { reason: 'json (counted)', requests: 1_000 - 4 },
    { reason: 'signature_wrong (counted)', requests: 4_000 - 16 },
  ]);
});

test('the next minute has its own first rows', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_790_000_000_000 });
  const deliveries = rejected();
  for (let n = 0; n < 25; n++) deliveries.note('json');
  vi.setSystemTime(1_790_000_060_000);
  deliveries.note('json');
  await deliveries.flush();
  expect((await records()).filter(({ reason }) => reason === 'json')).toHaveLength(21);
});

test('they are written every second by themselves, and the last ones at the end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const deliveries = rejected();
  deliveries.note('json');
  vi.advanceTimersByTime(1_000);
  await vi.waitFor(async () => expect(await records()).toHaveLength(1));
  deliveries.note('mode');
  await deliveries.close();
  expect(await records()).toHaveLength(2);
  await deliveries.flush();
  expect(await records()).toHaveLength(2);
});

test('when Postgres is away that is reported, and nobody is thrown at', async () => {
  const errors: unknown[] = [];
  const away = new pg.Pool({ ...connectionSettings('postgres://127.0.0.1:1/none', 'test'), max: 1 });
  const deliveries = rejectedDeliveries(away, (error) => errors.push(error));
  deliveries.note('json');
  await deliveries.close();
  expect(errors).toHaveLength(1);
  await away.end();
});
