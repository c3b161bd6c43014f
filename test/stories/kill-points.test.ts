import { expect, test } from 'vitest';
import { crashAgain, crashEach, everyPoint, resumeAndCheck, walkThrough } from '../support/crashes.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { startWorkerProcess } from '../support/processes.ts';
import { manyPayments } from '../support/purchases.ts';
import { type Story, startStory } from '../support/story.ts';

/**
 * kill -9 before and after each database write and each Stripe call of the flow. Every crash happens to a payment of its own;
 * a worker is killed with up to 60 payments in flight, each standing at another point. Then some die again while they are
 * resumed, and in the end one worker takes up everything that is left.
 */
/** So many payments stand in the middle when their worker is killed and nothing is backdated. */
const IN_FLIGHT = 20;
// It takes its time: it runs beside the others and is looked at in the end.
const unaided = recoverUnaided();
unaided.catch(() => {}); // told by its test

const writesIn = (points: readonly string[] = []): string[] => points.filter((what) => what.startsWith('POST '));

test('guests, and customers whose payment is attached: at every write and every call, one invoice, right total, nothing twice', async () => {
  const story = await startStory({ workers: 0, env: { SETTLEMENT: 'attach' } });
  const { models, points } = await walkThrough(story, 'guest', 'customer');
  const [ofGuest, ofCustomer] = points;
  expect(writesIn(ofGuest)).toHaveLength(5);
  expect(writesIn(ofCustomer)).toHaveLength(4);
  const planned = [...everyPoint('guest', ofGuest), ...everyPoint('customer', ofCustomer)];
  const struck = await crashEach(story, planned);
  const again = await crashAgain(story, struck, ofGuest?.length ?? 0);
  const oncemore = await crashAgain(story, struck, ofGuest?.length ?? 0);
  await resumeAndCheck(story, [...models, ...struck], { settlement: 'as_fits' });
  console.log(`kill -9: ${planned.length} faults tried, and ${again + oncemore} more while resuming`);
  console.log(`a guest: ${ofGuest?.join(', ')}`);
  console.log(`a customer: ${ofCustomer?.join(', ')}`);
}, 300_000);

test('customers whose balance appears meanwhile: at every write and every call, to the void and through it', async () => {
  const story = await startStory({ workers: 0 });
  const { side } = story;
  const lines = '/v1/invoices/{id}/add_lines';
  await side.fault({ kind: 'latency', method: 'POST', path: lines, where: 'before', ms: 1_200 });
  const meddling = meddleWithBalances(story);
  const { models, points } = await walkThrough(story, 'customer');
  expect(points[0]).toContain('POST /v1/invoices/{id}/void');
  const planned = everyPoint('customer', points[0]);
  const struck = await crashEach(story, planned);
  const balances = await meddling.stop();
  await side.endFaults();
  const all = [...models, ...struck];
  // Whoever died before his draft was there has no balance, and an invoice of his own.
  await resumeAndCheck(story, all, { balances, voided: Object.keys(balances).length });
  console.log(`kill -9: ${planned.length} faults tried with a balance that appears: ${points[0]?.join(', ')}`);
}, 300_000);

/** Gives each buyer a credit as soon as there is a draft in his name. */
function meddleWithBalances({ side: { stripe } }: Story): { stop(): Promise<Record<string, number>> } {
  const balances: Record<string, number> = {};
  let stopped = false;
  async function round(): Promise<boolean> {
    const drafts = await stripe.invoices.list({ status: 'draft', limit: 100, expand: ['data.customer'] });
    const buyers = drafts.data.flatMap(({ customer }) => {
      if (customer === null || typeof customer === 'string' || customer.deleted) return [];
      // A stand-in is left alone.
      return customer.id in balances || customer.metadata.made_by ? [] : [customer.id];
    });
    for (const buyer of buyers) balances[buyer] = -500;
    const credit = { amount: -500, currency: 'eur' };
    await Promise.all(buyers.map((buyer) => stripe.customers.createBalanceTransaction(buyer, credit)));
    return stopped;
  }
  const rounds = until(round, { timeout: 100_000, interval: 20 });
  return {
    async stop() {
      stopped = true;
      await rounds;
      return balances;
    },
  };
}

test('without any help the work of a dead worker is taken up by another one', async () => {
  const waits = await unaided;
  console.log(`kill -9, nothing backdated: settled ${describeWaits(waits)} s after the crash`);
}, 300_000);

/** Redis notices the lost lock, Postgres the lease that ran out. @returns seconds from the crash until each was settled, sorted */
async function recoverUnaided(): Promise<number[]> {
  const asInProduction = { SWEEP_AFTER_SECONDS: '30', SWEEP_EVERY_SECONDS: '5', WORKER_CONCURRENCY: String(IN_FLIGHT) };
  const { side, records, settings } = await startStory({ workers: 0, env: asInProduction });
  const doomed = await startWorkerProcess([], settings);
  await side.fault({ kind: 'latency', method: 'GET', path: '/v1/payment_intents/{id}', ms: 60_000 });
  const payments = await manyPayments(side, IN_FLIGHT);
  await until(async () => (await side.struck()) === IN_FLIGHT, { timeout: 30_000, what: 'all stand at the same call' });
  doomed.kill('SIGKILL');
  const { crashed } = await records.row<{ crashed: Date }>('select now() as crashed');
  await side.endFaults();
  await startWorkerProcess([], settings);
  await untilSettled(records, payments, 90_000);
  await untilEventsDone(records, 60_000);
  await expectOneInvoiceEach(side, records, payments);
  const settled = await records.rows<{ seconds: number }>(
    'select extract(epoch from settled_at - $1)::float8 as seconds from payments order by 1',
    [crashed],
  );
  return settled.map(({ seconds }) => seconds);
}

function describeWaits(sorted: readonly number[]): string {
  const at = (share: number): string => (sorted[Math.ceil(sorted.length * share) - 1] ?? 0).toFixed(1);
  return `median ${at(0.5)}, 95th percentile ${at(0.95)}, last ${at(1)}`;
}
