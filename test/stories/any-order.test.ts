import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atATime, deliver, HINTS, hintsOf } from '../support/deliveries.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { startApiProcess, startWorkerProcess } from '../support/processes.ts';
import { depth, propertyRun } from '../support/property.ts';
import { manyPayments } from '../support/purchases.ts';
import { openReviews } from '../support/records.ts';
import type { StripeEvent } from '../support/simulated-stripe.ts';
import { type Story, startStory } from '../support/story.ts';

/** Stripe promises no order and repeats itself: the final state must be the same for every order, duplication and timing. */
const story = await startStory({ workers: 0 });
const { side, records, webhookSecret } = story;
const moreWorkers = () => Promise.all([startWorkerProcess([], story.settings), startWorkerProcess([], story.settings)]);
await moreWorkers();
await side.control('POST', '/_sim/webhooks', { paused: true });

const COPIES = 3;

/** In which order the nine deliveries of a payment are sent, and how many of them at the same time. */
const schedule = fc.record({
  order: fc.shuffledSubarray(
    HINTS.flatMap((_, hint) => Array<number>(COPIES).fill(hint)).map((hint, position) => ({ hint, position })),
    { minLength: HINTS.length * COPIES },
  ),
  together: fc.integer({ min: 1, max: HINTS.length * COPIES }),
});
type Schedule = { order: { hint: number }[]; together: number };

/** Sends all deliveries of a payment to any of the apis. */
async function play({ order, together }: Schedule, hints: readonly StripeEvent[], apis: readonly { url: string }[]) {
  for (let sent = 0; sent < order.length; sent += together) {
    const wave = order.slice(sent, sent + together).map(async ({ hint }, position) => {
      const api = apis[(sent + position) % apis.length];
      const event = hints[hint];
      if (!api || !event) throw new Error('Bug: a payment has three events');
      expect(await deliver(api, event, webhookSecret)).toBe(200);
    });
    await Promise.all(wave);
  }
}

/** Everything that is left of a payment, without what must differ: ids, numbers and times. */
async function finalState({ records: { row, rows } }: Story, payment: string): Promise<string> {
  const state = {
    payment: await row(
      'select status, amount_received, verdict, rule, foreign_invoice, disputed_since, settled_at is not null as settled, lease_until > now() as leased from payments where payment_intent = $1',
      [payment],
    ),
    invoices: await rows(
      'select step, bill_to, key_version, total, currency, settlement, reverses from payment_invoices where payment_intent = $1',
      [payment],
    ),
    events: await rows('select type, outcome from stripe_events where payment_intent = $1 order by type', [payment]),
    deliveries: await rows(
      `select d.verdict, count(*)::int from webhook_requests d join stripe_events e on e.id = d.event_id
       where e.payment_intent = $1 group by 1 order by 1`,
      [payment],
    ),
  };
  return JSON.stringify(state);
}

async function playAll(count: number, apis: readonly { url: string }[]): Promise<Map<string, Schedule>> {
  const before = (await side.events()).length;
  const payments = await manyPayments(side, count);
  const hints = hintsOf((await side.events()).slice(before), payments);
  const schedules = new Map(fc.sample(schedule, propertyRun(count)).map((one, run) => [payments[run] ?? '', one]));
  await atATime(30, payments, async (payment) => {
    const its = schedules.get(payment);
    if (its) await play(its, hints.get(payment) ?? [], apis);
  });
  return schedules;
}

const all: string[] = [];

async function expectOneState(schedules: Map<string, Schedule>): Promise<void> {
  all.push(...schedules.keys());
  await untilSettled(records, all, 60_000);
  await untilEventsDone(records, 60_000);
  await expectOneInvoiceEach(side, records, all);
  expect(await openReviews(records)).toEqual([]);
  const states = new Map<string, Schedule[]>();
  for (const [payment, its] of schedules) {
    const state = await finalState(story, payment);
    states.set(state, [...(states.get(state) ?? []), its]);
  }
  // One of guests, one of customers; any further one is told with the schedules that led to it.
  expect(Object.fromEntries([...states].slice(2))).toEqual({});
  expect(states.size).toBe(2);
}

test('three events of one payment, each three times, in random orders: the same final state', async () => {
  const schedules = await playAll(40 * depth, [story.api]);
  await expectOneState(schedules);
  console.log(
    `any order: ${schedules.size * HINTS.length * COPIES} deliveries of ${schedules.size} payments, 2 workers`,
  );
}, 300_000);

test('so it is with two api processes and four workers side by side', async () => {
  const [second] = await Promise.all([startApiProcess({ ...story.settings, PORT: '0' }), moreWorkers()]);
  const schedules = await playAll(20 * depth, [story.api, second]);
  await expectOneState(schedules);
  const workers = await records.rows('select distinct worker from event_attempts');
  expect(workers.length, 'all of them have worked').toBe(4);
  console.log(`any order: ${schedules.size * HINTS.length * COPIES} deliveries, 2 apis, 4 workers`);
}, 300_000);
