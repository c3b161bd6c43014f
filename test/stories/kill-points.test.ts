import { expect, test } from 'vitest';
import type { Crash } from '../support/crash-plan.ts';
import { crashAgain, crashEach, crashesAt, pointsOf, resumeAndCheck, victims } from '../support/crashes.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { startWorker } from '../support/processes.ts';
import { buy } from '../support/purchases.ts';
import { type Story, startStory } from '../support/story.ts';

/**
 * kill -9 before and after each database write and each Stripe call of the flow. Every crash happens to a payment of its own;
 * a worker is killed with up to 30 payments in flight, each standing at another point. Then some die again while they are
 * resumed, and in the end one worker takes up everything that is left.
 */
// Takes a minute by itself, because nothing is backdated: it runs beside the others and is looked at in the end.
const unaided = recoverUnaided();
unaided.catch(() => {}); // told by its test

test.each([
  { buyer: 'a guest', customer: false, env: {}, books: {} },
  { buyer: 'a customer', customer: true, env: {}, books: {} },
  {
    buyer: 'a customer whose payment is attached to his invoice',
    customer: true,
    env: { SETTLEMENT: 'attach' },
    books: { settlement: 'attached' as const },
  },
])(
  '$buyer, at every write and every call: one invoice, right total, nothing twice',
  async (variant) => {
    const { buyer, customer, env, books } = variant;
    const story = await startStory({ workers: 0, env });
    const [model] = await victims(story, 1, customer);
    if (!model) throw new Error('Bug: one victim was asked for');
    const points = await pointsOf(story, model);
    expect(points.filter((what) => what.startsWith('POST'))).toHaveLength(customer ? 4 : 5);
    const crashes = crashesAt(points);
    const struck = await crashEach(story, crashes, customer);
    const second = await crashAgain(story, struck, points.length);
    const third = await crashAgain(story, struck, points.length);
    await resumeAndCheck(story, [model, ...struck], books);
    console.log(
      `kill -9, ${buyer}: ${crashes.length} faults tried at ${points.length} points, ${second + third} more while resuming: ${points.join(', ')}`,
    );
  },
  90_000,
);

test('a customer whose balance appears meanwhile, from the void of his invoice on', async () => {
  const story = await startStory({ workers: 0 });
  const { side } = story;
  const lines = '/v1/invoices/{id}/add_lines';
  await side.fault({ kind: 'latency', method: 'POST', path: lines, where: 'before', ms: 400 });
  const meddling = meddleWithBalances(story);
  const [model] = await victims(story, 1, true);
  if (!model) throw new Error('Bug: one victim was asked for');
  const crashes = crashesAt(await pointsOf(story, model), 'POST /v1/invoices/{id}/void');
  const struck = await crashEach(story, crashes, true);
  const balances = await meddling.stop();
  await side.endFaults();
  await resumeAndCheck(story, [model, ...struck], { balances, voided: struck.length + 1 });
  console.log(`kill -9, a balance that appears: ${crashes.length} faults tried from the void on`);
}, 60_000);

/** Gives each buyer a credit as soon as there is a draft in his name. */
function meddleWithBalances({ side: { stripe } }: Story): { stop(): Promise<Record<string, number>> } {
  const balances: Record<string, number> = {};
  let stopped = false;
  async function round(): Promise<boolean> {
    const drafts = await stripe.invoices.list({ status: 'draft', limit: 100, expand: ['data.customer'] });
    for (const { customer } of drafts.data) {
      if (customer === null || typeof customer === 'string' || customer.deleted) continue;
      // A stand-in is left alone.
      if (customer.id in balances || customer.metadata.made_by) continue;
      balances[customer.id] = -500;
      await stripe.customers.createBalanceTransaction(customer.id, { amount: -500, currency: 'eur' });
    }
    return stopped;
  }
  const rounds = until(round, { timeout: 60_000, interval: 20 });
  return {
    async stop() {
      stopped = true;
      await rounds;
      return balances;
    },
  };
}

test('without any help the work of a dead worker is taken up by another one', async () => {
  console.log(`kill -9, nothing backdated: done ${await unaided} s after the crash`);
}, 120_000);

/** Redis notices the lost lock, Postgres the lease that ran out. @returns seconds from the crash to the last outcome */
async function recoverUnaided(): Promise<number> {
  const asInProduction = { SWEEP_AFTER_SECONDS: '30', SWEEP_EVERY_SECONDS: '5' };
  const { side, records, settings } = await startStory({ workers: 0, env: asInProduction });
  const doomed = await startWorker([], {
    ...settings,
    NODE_OPTIONS: '--import=./test/support/crash-preload.ts',
    CRASH_PLAN: JSON.stringify({ any: { what: 'POST /v1/invoices', side: 'after' } satisfies Crash }),
  });
  const payment = await buy(side);
  await until(() => !doomed.isAlive(), { timeout: 20_000, what: 'the worker has died' });
  const crashedAt = performance.now();
  await startWorker([], settings);
  await untilSettled(records, [payment], 110_000);
  await untilEventsDone(records);
  await expectOneInvoiceEach(side, records, [payment]);
  return Math.round((performance.now() - crashedAt) / 1000);
}
