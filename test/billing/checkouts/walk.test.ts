import { beforeEach, expect, test } from 'vitest';
import { walkSessions } from '../../../src/billing/checkouts/follow-sessions.ts';
import { walkAge } from '../../../src/billing/checkouts/walk.ts';
import { connect, firstRow, rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import type { Crash } from '../../support/crash-plan.ts';
import { crashWalks } from '../../support/crashing-worker.ts';
import { freshDatabase } from '../../support/database.ts';
import { openCheckout } from '../../support/purchases.ts';

/** Stripe's list of sessions is walked through page by page, now and then, and over crashes. */
const { deps, side, settings } = await billingUnderTest();
const { db } = deps;

const made = await Promise.all(Array.from({ length: 130 }, () => openCheckout(side)));
const all = made.map(({ id }) => id).sort();

const due = (to = db) => rows(to, `UPDATE checkout_walk SET due_at = now(), taken_until = NULL`);
const known = async (of = db) =>
  (await rows<{ id: string }>(of, 'SELECT id FROM checkout_sessions ORDER BY id COLLATE "C"')).map(({ id }) => id);
const walkOf = (of = db) =>
  firstRow<{ after: string | null; under_way: boolean; due: boolean; moved: boolean }>(
    of,
    `SELECT after, since IS NOT NULL AS under_way, due_at <= now() AS due, known_until > counted_from AS moved FROM checkout_walk`,
  );
const lists = async () => (await side.requests()).filter(({ url }) => url.startsWith('/v1/checkout/sessions?'));

beforeEach(async () => {
  await rows(db, 'DELETE FROM checkout_sessions');
  await rows(
    db,
    `UPDATE checkout_walk SET counted_from = now() - interval '1 hour', known_until = now() - interval '1 hour', since = NULL,
            began_at = NULL, after = NULL, due_at = now(), taken_until = NULL`,
  );
  await side.endFaults();
  await side.forgetRequests();
});

test('a page a round, to the end of the list; then nothing for an hour', async () => {
  expect(await walkSessions(deps)).toBe(100);
  expect(await walkOf()).toMatchObject({ under_way: true, due: true, moved: false });
  expect(await walkSessions(deps)).toBe(30);
  expect(await walkOf()).toEqual({ after: null, under_way: false, due: false, moved: true });
  expect(await walkSessions(deps)).toBe(0);
  expect(await known()).toEqual(all);
  expect(await lists()).toHaveLength(2);
  expect(await walkAge(db)).toBeLessThan(60);
});

test('what is opened meanwhile is found by the next walk, which looks back over a day and not before the beginning', async () => {
  await walkSessions(deps);
  const { id } = await openCheckout(side);
  await walkSessions(deps);
  expect(await known()).not.toContain(id);
  await due();
  await walkSessions(deps);
  expect(await known()).toContain(id);
  const [first, , next] = (await lists()).map(({ url }) =>
    Number(new URLSearchParams(url.split('?')[1]).get('created[gte]')),
  );
  expect(next).toBe(first);

  await rows(
    db,
    `UPDATE checkout_walk SET counted_from = now() - interval '90 days', since = NULL, began_at = NULL, after = NULL`,
  );
  await due();
  await walkSessions(deps);
  const last = Number(new URLSearchParams((await lists()).at(-1)?.url.split('?')[1]).get('created[gte]'));
  expect(Date.now() / 1000 - last).toBeCloseTo(25 * 3_600, -2);
});

test('two processes share the walk: whoever comes second while a page is asked for leaves it alone', async () => {
  const counts = await Promise.all([walkSessions(deps), walkSessions(deps), walkSessions(deps)]);
  expect(counts.sort()).toEqual([0, 0, 100]);
});

test('Stripe is away for a page: it is asked again a minute later, and nothing is missed', async () => {
  await walkSessions(deps);
  await side.fault({ kind: 'error_before', path: '/v1/checkout/sessions', count: 5, status: 503 });
  await expect(walkSessions(deps)).rejects.toThrow();
  expect(await walkSessions(deps)).toBe(0);
  await side.endFaults();
  await due();
  expect(await walkSessions(deps)).toBeGreaterThanOrEqual(30);
  expect(await known()).toEqual(expect.arrayContaining(all));
});

test('after an outage of days the walk goes back to where the last one began', async () => {
  await rows(
    db,
    `UPDATE checkout_walk SET counted_from = now() - interval '30 days', known_until = now() - interval '6 days'`,
  );
  await walkSessions(deps);
  const [{ url } = { url: '' }] = await lists();
  const since = Number(new URLSearchParams(url.split('?')[1]).get('created[gte]'));
  expect(Date.now() / 1000 - since).toBeCloseTo(6 * 86_400 + 25 * 3_600, -2);
});

test('the session after which a page begins is gone at Stripe: the walk begins with its first page', async () => {
  await walkSessions(deps);
  await rows(db, `UPDATE checkout_walk SET after = 'cs_test_gone'`);
  expect(await walkSessions(deps)).toBe(0);
  expect(await walkOf()).toMatchObject({ after: null, under_way: true, due: true });
  expect(await walkSessions(deps)).toBe(100);
});

test('an older answer overwrites neither an end nor money', async () => {
  await walkSessions(deps);
  const [id = ''] = await known();
  await rows(
    db,
    `UPDATE checkout_sessions SET status = 'complete', payment_status = 'paid', payment = 'succeeded', ended_at = now() WHERE id = ?`,
    [id],
  );
  await due();
  await walkSessions(deps);
  await walkSessions(deps);
  expect(
    await firstRow(db, 'SELECT status, payment_status, payment FROM checkout_sessions WHERE id = ?', [id]),
  ).toEqual({
    status: 'complete',
    payment_status: 'paid',
    payment: 'succeeded',
  });
});

test('killed at any point of two pages, the next process goes on and knows every session', {
  timeout: 120_000,
}, async () => {
  const database = async () => {
    const { url } = await freshDatabase();
    const own = connect(url, { name: 'test', connections: 1 });
    releaseAfterFile(() => own.destroy());
    await rows(own, `UPDATE checkout_walk SET counted_from = now() - interval '1 hour', due_at = now()`);
    return { url, own };
  };
  const model = await database();
  const [line] = await crashWalks([{ event: model.url, crash: { at: 1_000, side: 'before' } }], settings);
  const points = line?.points ?? [];
  expect(points).toHaveLength(8);
  const crashes = points.flatMap((_, index) =>
    (['before', 'after'] as const).map((at): Crash => ({ at: index + 1, side: at })),
  );
  const struck = await Promise.all(crashes.map(async (crash) => ({ ...(await database()), crash })));
  const lines = await crashWalks(
    struck.map(({ url, crash }) => ({ event: url, crash })),
    settings,
  );
  for (const [position, { own, crash }] of struck.entries()) {
    const died = lines[position]?.died;
    expect(died).toMatch(new RegExp(`^${crash.side} ${crash.at} `));
    await rows(own, 'UPDATE checkout_walk SET taken_until = NULL');
    while ((await walkSessions({ db: own, stripe: deps.stripe })) > 0);
    expect([died, await known(own)]).toEqual([died, expect.arrayContaining(all)]);
    expect([died, await walkOf(own)]).toEqual([died, { after: null, under_way: false, due: false, moved: true }]);
  }
});
