import { expect, test } from 'vitest';
import {
  checkoutFailures,
  checkoutMonths,
  conversionPercent,
  isBelowTarget,
  latestCheckouts,
  pageOfSessions,
  successPercent,
} from '../../../src/billing/checkouts/checkout-figures.ts';
import { percentInWords, reasonInWords } from '../../../src/billing/checkouts/outcome-words.ts';
import { rows } from '../../../src/platform/db.ts';
import { apiUnderTest } from '../../support/api.ts';
import { quittance } from '../../support/command.ts';

/** What people and Prometheus read of checkouts, from rows as the judge leaves them. */
const { api, db, settings } = await apiUnderTest();

let made = 0;
async function session(
  outcome: string,
  says: { reason?: string; code?: string; created?: string; decidedDaysAgo?: number; count?: number } = {},
): Promise<void> {
  const { reason = null, code = null, created = '2026-11-10T12:00:00Z', decidedDaysAgo = 0, count = 1 } = says;
  const status = outcome === 'open' ? 'open' : ['failed', 'abandoned'].includes(outcome) ? 'expired' : 'complete';
  const from = made;
  made += count;
  await rows(
    db,
    `INSERT INTO checkout_sessions (id, mode, status, payment_status, failure_code, created, expires_at, ended_at, outcome, reason,
                                    decided_at)
     SELECT 'cs_test_' || lpad(number::text, 6, '0'), 'payment', :status, 'unpaid', :code, cast(:created AS timestamptz),
            cast(:created AS timestamptz), CASE WHEN :status <> 'open' THEN now() END, :outcome, :reason,
            now() - make_interval(days => :days)
     FROM generate_series(cast(:from AS integer), :to) number`,
    { status, code, created, outcome, reason, days: decidedDaysAgo, from: from + 1, to: made },
  );
}

await session('succeeded', { count: 48 });
await session('failed', { reason: 'declined', code: 'insufficient_funds' });
await session('failed', { reason: 'declined', code: 'insufficient_funds' });
await session('failed', { reason: 'not_fulfilled' });
await session('abandoned', { count: 30 });
await session('open', { count: 5 });
await session('pending', { reason: 'under_way', count: 2 });
await session('left_out', { count: 4 });
await session('succeeded', { created: '2026-10-31T23:59:59Z', decidedDaysAgo: 9 });
await session('failed', { reason: 'question', created: '2026-11-01T00:00:00Z', decidedDaysAgo: 9 });

test('by month (UTC) of their opening, newest first', async () => {
  const [november, october, ...others] = await checkoutMonths(db, 12);
  expect(november).toEqual({
    month: '2026-11',
    opened: 93,
    completed: 54,
    succeeded: 48,
    failed: 4,
    pending: 7,
    abandoned: 30,
    left_out: 4,
  });
  expect(october).toMatchObject({ month: '2026-10', opened: 1, succeeded: 1 });
  expect(others).toEqual([]);
  expect(await checkoutMonths(db, 1)).toEqual([november]);
  expect(await checkoutFailures(db, ['2026-11'])).toEqual([
    { month: '2026-11', reason: 'declined', failure_code: 'insufficient_funds', failed: 2 },
    { month: '2026-11', reason: 'not_fulfilled', failure_code: null, failed: 1 },
    { month: '2026-11', reason: 'question', failure_code: null, failed: 1 },
  ]);
});

test('the views tell the same', async () => {
  expect(
    await rows(
      db,
      `SELECT success_percent::text AS s, conversion_percent::text AS c FROM checkout_figures_by_month ORDER BY month`,
    ),
  ).toEqual([
    { s: '100.00', c: '100.00' },
    { s: '92.31', c: '58.06' },
  ]);
  expect(
    await rows(db, `SELECT day::text AS day, opened::integer AS opened FROM checkout_figures_by_day ORDER BY day`),
  ).toEqual([
    { day: '2026-10-31', opened: 1 },
    { day: '2026-11-01', opened: 1 },
    { day: '2026-11-10', opened: 92 },
  ]);
});

test('the latest are those of a week, and of them 500', async () => {
  expect(await latestCheckouts(db)).toEqual({ succeeded: 48, failed: 3 });
  await session('succeeded', { count: 600, created: '2026-09-10T12:00:00Z', decidedDaysAgo: 6 });
  expect(await latestCheckouts(db)).toEqual({ succeeded: 497, failed: 3 });
  await rows(db, `DELETE FROM checkout_sessions WHERE created < '2026-10-01'`);
});

test('/metrics has them, and how old Stripe’s list is here', async () => {
  await rows(db, `UPDATE checkout_walk SET known_until = now() - interval '2 hours'`);
  const text = await (await fetch(`${api.url}/metrics`)).text();
  expect(text).toMatch(/^quittance_checkouts_latest\{outcome="succeeded"\} 48$/m);
  expect(text).toMatch(/^quittance_checkouts_latest\{outcome="failed"\} 3$/m);
  expect(text).toMatch(/^quittance_checkouts_listed_seconds 720\d$/m);
});

test.each([
  [{ succeeded: 0, failed: 0 }, null, false],
  [{ succeeded: 2, failed: 1 }, 200 / 3, false],
  [{ succeeded: 48, failed: 1 }, 4_800 / 49, false],
  [{ succeeded: 48, failed: 2 }, 96, true],
  [{ succeeded: 49, failed: 1 }, 98, false],
])('of %j %s percent: below the target is %s', (latest, percent, below) => {
  expect([successPercent(latest), isBelowTarget(latest)]).toEqual([percent, below]);
});

test('words', () => {
  expect([percentInWords(null), percentInWords(97.99), percentInWords(100)]).toEqual(['–', '97.9 %', '100.0 %']);
  expect(conversionPercent({ opened: 0, completed: 0 })).toBeNull();
  expect(reasonInWords('declined', 'lost_card')).toBe('declined: lost_card');
  expect(reasonInWords('declined', null)).toBe('declined');
  expect(reasonInWords('not_fulfilled', 'lost_card')).toBe('paid, and neither document nor access');
  expect(reasonInWords('of_tomorrow', null)).toBe('of_tomorrow');
});

test('a list goes on after a session, and may have one outcome', async () => {
  const failed = await pageOfSessions(db, 'failed', { limit: 3 });
  expect(failed?.rows.map(({ reason }) => reason)).toEqual(['not_fulfilled', 'declined', 'declined']);
  const after = failed?.rows.at(-1)?.id;
  expect((await pageOfSessions(db, 'failed', { limit: 3, after }))?.rows).toMatchObject([{ reason: 'question' }]);
  expect((await pageOfSessions(db, undefined, { limit: 1_000 }))?.rows).toHaveLength(94);
  expect((await pageOfSessions(db, 'open', { limit: 100 }))?.rows).toHaveLength(5);
  expect(await pageOfSessions(db, undefined, { limit: 1, after: 'pi_1' })).toBeUndefined();
});

test('from a shell: figures with their definition, and what has failed', async () => {
  const { stdout } = await quittance(['checkouts', 'stats', '--months', '1'], settings);
  expect(stdout.split('\n').slice(0, 5)).toEqual([
    '2026-11: success 92.3 % (48 of 52), conversion 58.0 % (54 of 93)',
    '  7 open or on their way, 30 not tried, 4 left out by a rule',
    '  2 declined: insufficient_funds',
    '  1 paid, and neither document nor access',
    '  1 paid, and waits for an answer',
  ]);
  expect(stdout).toContain('Success: checkouts that were paid');
  const told: unknown = JSON.parse((await quittance(['checkouts', 'stats', '--json'], settings)).stdout);
  expect(told).toMatchObject({
    definition: expect.stringContaining('Conversion'),
    latest: { succeeded: 48, failed: 3 },
    months: [{ month: '2026-11', failures: [{ reason: 'declined', failed: 2 }, {}, {}] }, { month: '2026-10' }],
  });
  const list = await quittance(['checkouts', 'list', '--outcome', 'failed', '--limit', '1'], settings);
  expect(list.stdout).toMatch(
    /^2026-11-10 12:00 UTC {2}cs_test_\d+ {2}failed {2}paid, and neither document nor access\n$/,
  );
  expect(JSON.parse((await quittance(['checkouts', 'list', '--json'], settings)).stdout)).toHaveLength(50);
  for (const [words, said] of [
    [['list', '--outcome', 'lost'], '--outcome must be one of failed, pending'],
    [['list', '--limit', '0'], '--limit must be a whole number from 1 to 1000.'],
    [['stats', '--months', 'all'], '--months must be a whole number from 1 to 120.'],
  ] as const) {
    expect((await quittance(['checkouts', ...words], settings)).stderr).toContain(said);
  }
});
