import { expect, test } from 'vitest';
import { atATime, deliver, hintsOf } from '../support/deliveries.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { manyPayments } from '../support/purchases.ts';
import { startWorker } from '../support/served.ts';
import { startStory } from '../support/story.ts';

/** Redis holds signals only: it may be emptied at any moment, and nothing is lost and nothing happens twice. */
const { side, records, redis, api, settings, webhookSecret } = await startStory({ workers: 0 });

async function waiting(): Promise<number> {
  const [row] = await records.rows<{ n: number }>('select count(*)::int as n from stripe_events where outcome is null');
  return row?.n ?? 0;
}

test('Redis is emptied with 500 events in flight, and again, and again', async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const payments = await manyPayments(side, 170);
  const events = [...hintsOf(await side.events(), payments).values()].flat();
  expect(events.length).toBeGreaterThanOrEqual(500);
  const answers = await atATime(30, events, (event) => deliver(api, event, webhookSecret));
  expect(answers.filter((answer) => answer !== 200)).toEqual([]);

  await Promise.all([startWorker([], settings), startWorker([], settings)]);
  const inFlight: number[] = [];
  for (const left of [500, 400, 250, 100]) {
    inFlight.push(await until(async () => (await waiting()) <= left && (await waiting()), { timeout: 60_000 }));
    await redis.flush();
  }
  await untilSettled(records, payments, 60_000);
  await untilEventsDone(records, 60_000);
  await expectOneInvoiceEach(side, records, payments);
  console.log(
    `Redis emptied ${inFlight.length} times, with ${inFlight.join(', ')} of ${events.length} events in flight`,
  );
}, 300_000);
