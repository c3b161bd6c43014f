import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { formatMoney } from '../../../src/platform/money.ts';
import { adjustmentOf, booksOf, expectBooksBalance } from '../../support/books-balance.ts';
import { freshDatabase } from '../../support/database.ts';
import { atATime } from '../../support/deliveries.ts';
import { until } from '../../support/eventually.ts';
import type { Settings } from '../../support/processes.ts';
import { buy, payDirectly } from '../../support/purchases.ts';
import { startCli } from '../../support/quittance-cli.ts';
import { endLeases, openReviews, type Records, recordsOf } from '../../support/records.ts';
import { freshRedis } from '../../support/redis.ts';
import { openStripeAccount } from '../../support/served.ts';
import { type SimulatedStripe, simulatedStripe } from '../../support/simulated-stripe.ts';
import { dispute, moveDispute, moveRefund, refund } from '../../support/taken-back.ts';

/** A past at Stripe that nobody has told of: no event was ever delivered. */
const rules = join(mkdtempSync(join(tmpdir(), 'quittance-rules-')), 'eligibility.json');
writeFileSync(
  rules,
  JSON.stringify({
    rules: [{ name: 'marked by the shop', action: 'skip', when: { metadata: { invoice: 'no' } } }],
    otherwise: 'invoice',
  }),
);

const today = new Date().toISOString().slice(0, 10);
const command = ['backfill', '--since', today];

type Past = { side: SimulatedStripe; records: Records; settings: Settings };

async function emptyPast(env: Settings = {}): Promise<Past> {
  const [database, redis, simulator] = await Promise.all([freshDatabase(), freshRedis(), openStripeAccount()]);
  const settings: Settings = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    STRIPE_SECRET_KEY: simulator.key,
    STRIPE_API_BASE: simulator.url,
    STRIPE_RATE_LIMIT: '0',
    STRIPE_ENDPOINT_RATE_LIMIT: '0',
    ELIGIBILITY_RULES: rules,
    PUBLIC_URL: 'http://127.0.0.1:9',
    ...env,
  };
  return { side: simulatedStripe(simulator), records: recordsOf(database.url), settings };
}

/** What may become of a payment; number by number all of it happens. */
const fates: ((side: SimulatedStripe) => Promise<string>)[] = [
  (side) => payDirectly(side),
  (side) => buy(side),
  (side) => payDirectly(side, { metadata: { invoice: 'no' } }),
  (side) => after(payDirectly(side), (payment) => refund(side, payment)),
  (side) =>
    after(payDirectly(side), async (payment) => {
      await refund(side, payment, { amount: 1_000 });
      await refund(side, payment, { amount: 500 });
    }),
  (side) => after(payDirectly(side, { metadata: { invoice: 'no' } }), (payment) => refund(side, payment)),
  (side) => after(payDirectly(side, { payment_method: 'pm_card_pendingRefund' }), (payment) => refund(side, payment)),
  (side) => after(payDirectly(side), async (payment) => moveRefund(side, await refund(side, payment), 'failed')),
  (side) => after(payDirectly(side), (payment) => dispute(side, payment)),
  (side) =>
    after(payDirectly(side), async (payment) => moveDispute(side, await dispute(side, payment), 'under_review', 'won')),
  (side) =>
    after(payDirectly(side), async (payment) => {
      await refund(side, payment, { amount: 900 });
      await moveDispute(side, await dispute(side, payment, { amount: 4_900 }), 'lost');
    }),
  (side) => after(renewal(side), (payment) => refund(side, payment, { amount: 700 })),
];

async function after(payment: Promise<string>, then: (payment: string) => Promise<unknown>): Promise<string> {
  await then(await payment);
  return payment;
}

async function renewal(side: SimulatedStripe): Promise<string> {
  const answer = await side.control('POST', '/_sim/renewals', { amount: 2_900, currency: 'eur' });
  return String(Object(answer).payment_intent);
}

async function makePast({ side }: Past, count: number): Promise<string[]> {
  const numbers = Array.from({ length: count }, (_, number) => number);
  return atATime(8, numbers, async (number) => fates[number % fates.length]?.(side) ?? '');
}

/** What is there at Stripe, in the words of the dry run. */
async function documents({ side }: Past, payments: readonly string[]): Promise<string[]> {
  const books = await booksOf(side, payments);
  return books
    .flatMap(({ payment, invoice, notes }) => [
      ...(invoice?.metadata?.made_by === 'quittance' ? [`invoice of ${money(invoice)} for ${payment}`] : []),
      ...notes.map((note) => `credit note of ${money(note)} for ${adjustmentOf(note)} (${payment})`),
    ])
    .sort();
}

function money({ total, currency }: { total: number; currency: string }): string {
  return formatMoney({ amount: total, currency });
}

function announced(stdout: string): string[] {
  return stdout
    .split('\n')
    .flatMap((line) => /^would create: (.*)$/.exec(line)?.[1] ?? [])
    .sort();
}

async function writes({ side }: Past): Promise<number> {
  return (await side.requests()).filter(({ method, executed }) => method === 'POST' && executed).length;
}

test.concurrent('the dry run lists exactly what the real run creates, once; a killed run goes on where it was', async () => {
  const past = await emptyPast();
  const { side, records, settings } = past;
  const payments = await makePast(past, 132);
  await side.forgetRequests();

  const dry = await startCli([...command, '--dry-run'], settings).ended;
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(await writes(past), 'a dry run writes nothing at Stripe').toBe(0);
  for (const table of [
    'payments',
    'payment_invoices',
    'adjustments',
    'credit_notes',
    'review_items',
    'backfill_runs',
  ]) {
    expect(await records.rows(`select from ${table}`), `nor into ${table}`).toEqual([]);
  }
  const promised = announced(dry.stdout);
  expect(promised.length).toBeGreaterThanOrEqual(132);
  expect(dry.stdout).toContain(`${promised.length} documents would be created; 132 payments were looked at.`);

  // 132 payments, 88 refunds and 33 disputes. Killed among the payments, then once more among the refunds.
  for (const deadAt of [60, 130]) {
    const { child, ended } = startCli(command, settings);
    await until(async () => (await documentCount(records)) >= deadAt, { timeout: 60_000, what: `${deadAt} documents` });
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ signal: 'SIGKILL' });
    await endLeases(records);
  }
  const real = await startCli(command, settings).ended;
  expect(real).toMatchObject({ code: 0 });
  expect(real.stdout).toMatch(/^Going on with run 1: \d+ objects are done\.$/m);
  expect(real.stdout).toMatch(
    /^Done: \d+ payments, refunds, disputes, subscriptions, events and open records looked at, \d+ documents created, 0 failed\.$/m,
  );
  const { created } = await records.row<{ created: number }>('select created from backfill_runs');
  expect(created, 'what was made right before a kill may be missing').toBeGreaterThanOrEqual(promised.length - 8);
  expect(await documents(past, payments)).toEqual(promised);
  await expectBooksBalance(
    side,
    records,
    payments.filter((_, number) => ![2, 5, 6, 8].includes(number % fates.length)),
  );
  expect(await openReviews(records)).toEqual([]);

  await side.forgetRequests();
  const [again, dryAgain] = [
    await startCli(command, settings).ended,
    await startCli([...command, '--dry-run'], settings).ended,
  ];
  expect(again.stdout).toMatch(/ open records looked at, 0 documents created, 0 failed\.$/m);
  expect(dryAgain.stdout).toBe(
    '0 documents would be created; 132 payments were looked at.\n11 subscriptions would be asked about; 0 of them are not known here.\n',
  );
  expect(await writes(past)).toBe(0);
  console.log(`backfill: ${promised.length} documents of 132 payments, killed twice on the way`);
}, 300_000);

async function documentCount(records: Records): Promise<number> {
  const [row] = await records.rows<{ n: string }>(
    `select (select count(*) from payment_invoices where step = 'paid') + (select count(*) from credit_notes where issued_at is not null) as n`,
  );
  return Number(row?.n);
}

test.concurrent('ADJUSTMENTS=off records everything and issues nothing; switched on, the backfill issues what is missing, once', async () => {
  const past = await emptyPast({ ADJUSTMENTS: 'off' });
  const { side, records, settings } = past;
  const payments = await makePast(past, fates.length);
  expect(await startCli(command, settings).ended).toMatchObject({ code: 0 });
  expect((await side.stripe.creditNotes.list()).data).toEqual([]);
  const recorded = await records.rows<{ decision: string; n: string }>(
    'select decision, count(*)::int as n from adjustments group by 1 order by 1',
  );
  expect(recorded).toEqual([
    { decision: 'none', n: 3 },
    { decision: 'off', n: 6 },
    { decision: 'wait', n: 2 },
  ]);
  const on = { ...settings, ADJUSTMENTS: 'on' };
  const promised = announced((await startCli([...command, '--dry-run'], on).ended).stdout);
  expect(promised).toHaveLength(6);
  expect((await startCli(command, on).ended).stdout).toContain(' 6 documents created, 0 failed.');
  expect((await startCli(command, on).ended).stdout).toContain(' 0 documents created, 0 failed.');
  expect((await documents(past, payments)).filter((document) => document.startsWith('credit note'))).toEqual(promised);
  expect(await records.rows(`select from adjustments where decision = 'off'`)).toEqual([]);
}, 300_000);

test.concurrent('a payment that fails does not stop the others: it is named in the end, and the exit code says so', async () => {
  const past = await emptyPast();
  const { side, settings } = past;
  const [one, other] = [await payDirectly(side), await payDirectly(side)];
  await side.fault({ kind: 'error_before', status: 500, path: `/v1/payment_intents/${one}` });
  const [dry, real] = await Promise.all([
    startCli([...command, '--dry-run'], settings).ended,
    startCli(command, settings).ended,
  ]);
  expect(dry).toMatchObject({ code: 1, stdout: expect.stringContaining(`could not be looked at: ${one}: `) });
  expect(real).toMatchObject({ code: 1, stdout: expect.stringContaining('1 documents created, 1 failed.\n') });
  expect(real.stdout).toContain(`  ${one}: `);
  await side.endFaults();
  expect(await startCli(command, settings).ended).toMatchObject({ code: 0 });
  expect(await documents(past, [one, other])).toHaveLength(2);
}, 300_000);

test.concurrent('it keeps below the rate limit, and shows how far it is', async () => {
  const past = await emptyPast({ STRIPE_RATE_LIMIT: '20', STRIPE_ENDPOINT_RATE_LIMIT: '20' });
  const { side, settings } = past;
  await makePast(past, 2 * fates.length);
  await side.control('POST', '/_sim/settings', { limits: true });
  await side.forgetRequests();
  const began = performance.now();
  const { ended } = startCli(command, settings);
  const counts: { at: number; requests: number }[] = [];
  let over = false;
  void ended.finally(() => (over = true));
  await until(
    async () => {
      counts.push({ at: performance.now(), requests: await apiCalls(side) });
      return over;
    },
    { timeout: 60_000, interval: 100 },
  );
  const { code, stdout, stderr } = await ended;
  const seconds = (performance.now() - began) / 1_000;
  const calls = await apiCalls(side);
  await side.control('POST', '/_sim/settings', { limits: false });
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(', 0 failed.') });
  const refused = (await side.requests()).filter(({ status }) => status === 429);
  expect(refused, 'Stripe never had to refuse one').toEqual([]);
  const busiest = Math.max(
    ...counts.map(({ at, requests }) => requests - (counts.findLast((one) => one.at <= at - 1_000)?.requests ?? 0)),
  );
  console.log(
    `backfill under a limit of 20/s: ${calls} calls in ${seconds.toFixed(1)} s, ${busiest} in the busiest second`,
  );
  expect(calls / seconds).toBeLessThanOrEqual(20);
  expect(stderr.split('\n').length, 'without a terminal: a line every few seconds').toBeLessThan(20);
  expect(stderr).toMatch(/payments \[[^\]]+\] \d+% {2}\d+ looked at, \d+ created/);

  const onTerminal = await startCli(command, settings, { terminal: true }).ended;
  expect(onTerminal.stdout).toMatch(/done \[[^\]]+\] 100% {2}\d+ looked at, 0 created/);
  expect(onTerminal.stdout).toContain('\r');
}, 300_000);

async function apiCalls(side: SimulatedStripe): Promise<number> {
  return (await side.requests()).length;
}

test.each(['yesterday', '2026-13-01', '2026-1-1', ''])('--since %j is refused in one sentence', async (since) => {
  const { code, stderr } = await startCli(['backfill', '--since', since], {
    DATABASE_URL: 'postgres://127.0.0.1:1/none',
  }).ended;
  expect(code).toBe(1);
  expect(stderr).toBe(`--since must be a day like 2026-01-01, not ${since}.\n`);
});
