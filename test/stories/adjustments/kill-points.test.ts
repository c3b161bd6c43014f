import { expect, test } from 'vitest';
import { adjustPayment } from '../../../src/billing/adjustments/adjust-payment.ts';
import { type OpenDeps, openDeps } from '../../../src/billing/open-deps.ts';
import { decideReview } from '../../../src/billing/questions.ts';
import { settlePayment } from '../../../src/billing/stripe-invoices/settle-payment.ts';
import { loadConfig } from '../../../src/platform/config.ts';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import type { Crash } from '../../support/crash-plan.ts';
import { crashAll, crashDecisions } from '../../support/crashing-worker.ts';
import { atATime } from '../../support/deliveries.ts';
import { until } from '../../support/eventually.ts';
import { untilEventsDone } from '../../support/one-invoice.ts';
import { startWorkerProcess } from '../../support/processes.ts';
import { payDirectly } from '../../support/purchases.ts';
import { endLeases, openReviews } from '../../support/records.ts';
import { type Story, startStory } from '../../support/story.ts';
import { dispute, moveDispute, moveRefund, refund } from '../../support/taken-back.ts';

/**
 * kill -9 before and after each database write and each Stripe call of the adjustment flow. Every crash happens to a payment
 * of its own; a worker is killed with up to 60 payments in flight. In the end one worker takes up everything that is left.
 */
const AT_ONCE = 60;
const NEVER: Crash = { at: 1_000, side: 'before' };

type Victim = { payment: string; event: string };

function depsOf({ settings }: Story): OpenDeps['deps'] {
  const { deps, close } = openDeps(loadConfig({ ...settings, LOG_LEVEL: 'error' }), { name: 'test', connections: 8 });
  releaseAfterFile(close);
  return deps;
}

/** The stored event of this type about each payment, with nobody who works on it. */
async function victimsOf({ records }: Story, type: string, payments: readonly string[]): Promise<Victim[]> {
  const found = await until(async () => {
    const rows = await records.rows<{ id: string; payment: string }>(
      `select id, payload::json -> 'data' -> 'object' ->> 'payment_intent' as payment from stripe_events
       where type = $1 and payload::json -> 'data' -> 'object' ->> 'payment_intent' = any($2)`,
      [type, payments],
    );
    return rows.length === payments.length && new Map(rows.map(({ id, payment }) => [payment, id]));
  });
  return payments.map((payment) => ({ payment, event: found.get(payment) ?? '' }));
}

function bothSidesOf(points: readonly string[]): Crash[] {
  return points.flatMap((_, index) => (['before', 'after'] as const).map((side): Crash => ({ at: index + 1, side })));
}

/** @param make a payment with everything that happened to it, and the type of the event that is worked on */
async function crashEverywhere(
  story: Story,
  type: string,
  make: (number: number) => Promise<string>,
): Promise<{ payments: string[]; points: string[]; faults: number }> {
  const [model] = await victimsOf(story, type, [await make(0)]);
  if (!model) throw new Error('Bug: one payment was asked for');
  const [walked] = await crashAll([{ event: model.event, crash: NEVER }], story.settings);
  const points = walked?.points ?? [];
  const crashes = bothSidesOf(points);
  const payments = await atATime(8, crashes, (_) => make(1));
  const struck = await victimsOf(story, type, payments);
  const plan = struck.flatMap(({ event }, position) => {
    const crash = crashes[position];
    return crash ? [{ event, crash }] : [];
  });
  for (let first = 0; first < plan.length; first += AT_ONCE) {
    const batch = plan.slice(first, first + AT_ONCE);
    const lines = await crashAll(batch, story.settings);
    for (const [position, { crash }] of batch.entries()) {
      expect(lines[position]?.died).toMatch(new RegExp(`^${crash.side} ${crash.at} `));
    }
  }
  return { payments: [model.payment, ...payments], points, faults: plan.length };
}

async function resume({ records, settings }: Story): Promise<void> {
  await endLeases(records);
  await startWorkerProcess([], settings);
  await untilEventsDone(records, 60_000);
}

test('a refund that overtakes its payment: one invoice and one note that links it, at every point of both', async () => {
  const story = await startStory({ workers: 0, env: { SETTLEMENT: 'attach' } });
  const { side, records } = story;
  const { payments, points, faults } = await crashEverywhere(story, 'refund.created', async () => {
    const { id: customer } = await side.stripe.customers.create({ name: 'Ada Example' });
    const payment = await payDirectly(side, { customer });
    await refund(side, payment, { amount: 900 });
    return payment;
  });
  expect(points.filter((what) => what === 'POST /v1/credit_notes')).toHaveLength(1);
  expect(points.filter((what) => what.startsWith('POST '))).toHaveLength(5);
  await resume(story);
  const books = await expectBooksBalance(side, records, payments);
  expect(books.every(({ notes }) => notes.length === 1 && notes[0]?.refunds.length === 1)).toBe(true);
  expect(await openReviews(records)).toEqual([]);
  console.log(
    `kill -9, refund before its payment: ${faults} faults tried at ${points.length} points: ${points.join(', ')}`,
  );
}, 300_000);

test('a lost dispute after a partial refund, of a payment that has its invoice', async () => {
  const story = await startStory({ workers: 0 });
  const { side, records } = story;
  const deps = depsOf(story);
  const { payments, points, faults } = await crashEverywhere(story, 'charge.dispute.closed', async () => {
    const payment = await payDirectly(side);
    await settlePayment({ account: '', paymentIntent: payment }, deps);
    await refund(side, payment, { amount: 900 });
    await moveDispute(side, await dispute(side, payment), 'lost');
    return payment;
  });
  expect(points.filter((what) => what === 'POST /v1/credit_notes')).toHaveLength(2);
  await resume(story);
  const books = await expectBooksBalance(side, records, payments);
  expect(books.every(({ notes }) => notes.length === 2)).toBe(true);
  expect(await openReviews(records)).toEqual([]);
  console.log(`kill -9, two notes in one go: ${faults} faults tried at ${points.length} points: ${points.join(', ')}`);
}, 300_000);

test('a refund that fails after its note, and the person who then has an invoice reverse it', async () => {
  const story = await startStory({ workers: 0 });
  const { side, records, settings } = story;
  const deps = depsOf(story);
  const refunds: string[] = [];
  const noted = async () => {
    const payment = await payDirectly(side);
    refunds.push(await refund(side, payment));
    expect(await adjustPayment({ account: '', paymentIntent: payment }, deps)).toMatchObject({ outcome: 'processed' });
    return payment;
  };
  const questionOn = async (subject: string) =>
    (await records.row<{ id: string }>('select id from review_items where subject = $1', [subject])).id;
  const model = await noted();
  const [first = ''] = refunds;
  await moveRefund(side, first, 'failed');
  expect(await adjustPayment({ account: '', paymentIntent: model }, deps)).toMatchObject({ outcome: 'review' });
  // Every point of the decision is known from a first one; each of the others is killed at one.
  const once = [{ event: String(await questionOn(first)), crash: NEVER }];
  const [walked] = await crashDecisions('issue_reversal', once, settings);
  const points = walked?.points ?? [];
  expect(points.filter((what) => what.startsWith('POST '))).toHaveLength(4);

  const crashes = bothSidesOf(points);
  const payments = await atATime(8, crashes, noted);
  const struck = refunds.slice(1);
  for (const re of struck) await moveRefund(side, re, 'failed');
  const failed = await victimsOf(story, 'refund.failed', payments);
  const [asked] = await crashAll([{ event: failed[0]?.event ?? '', crash: NEVER }], settings);
  const askPoints = asked?.points ?? [];
  const rest = failed.slice(1);
  const plan = bothSidesOf(askPoints).flatMap((crash, position) => {
    const victim = rest[position];
    return victim ? [{ event: victim.event, crash }] : [];
  });
  expect(plan, 'there are payments enough').toHaveLength(2 * askPoints.length);
  await crashAll(plan, settings);
  await resume(story);
  expect(await openReviews(records), 'each asks once').toHaveLength(struck.length);

  const decisions = await atATime(8, [...crashes.entries()], async ([position, crash]) => ({
    event: String(await questionOn(struck[position] ?? '')),
    crash,
  }));
  const ends = await crashDecisions('issue_reversal', decisions, settings);
  for (const [position, { at, side: when }] of crashes.entries()) {
    expect(ends[position]?.died).toMatch(new RegExp(`^${when} ${at} `));
  }
  await endLeases(records);
  // A worker that comes to an event only now finds the reversal, and answers its question.
  await untilEventsDone(records, 60_000);
  const decision = { choice: 'issue_reversal', actor: 'test', reason: 'once more' };
  const open = await records.rows<{ id: string }>(`select id from review_items where state = 'open'`);
  await atATime(4, open, ({ id }) => decideReview(Number(id), decision, deps));
  await untilEventsDone(records, 60_000);
  expect(await openReviews(records)).toEqual([]);
  const books = await expectBooksBalance(side, records, [model, ...payments]);
  expect(books.every(({ reversals }) => reversals.length === 1)).toBe(true);
  console.log(
    `kill -9, a refund that failed: ${plan.length} faults tried at ${askPoints.length} points: ${askPoints.join(', ')}`,
  );
  console.log(`kill -9, its reversal: ${crashes.length} faults tried at ${points.length} points: ${points.join(', ')}`);
}, 300_000);
