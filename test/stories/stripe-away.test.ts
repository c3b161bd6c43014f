import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { releaseAfterFile } from '../support/clean-up.ts';
import { signIn } from '../support/console.ts';
import { deliver, hintsOf } from '../support/deliveries.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { manyPayments } from '../support/purchases.ts';
import { eventRecords, openReviews } from '../support/records.ts';
import type { StripeEvent } from '../support/simulated-stripe.ts';
import { startStory } from '../support/story.ts';

/** Stripe is away, or wants to be asked less often. One job at a time, so that a pause can be seen. */
const story = await startStory({ env: { WORKER_CONCURRENCY: '1' } });
const { side, records, api, webhookSecret } = story;
await side.control('POST', '/_sim/webhooks', { paused: true });

const redis = new Redis(story.redis.url);
const queue = new Queue('invoicing', { connection: redis, prefix: 'quittance' });
releaseAfterFile(async () => {
  await queue.close();
  redis.disconnect();
});

const payments: string[] = [];

/** New payments, and the event of each that says that it succeeded. */
async function paidIntents(count: number): Promise<StripeEvent[]> {
  const paid = await manyPayments(side, count);
  payments.push(...paid);
  const hints = hintsOf(await side.events(), paid);
  return paid.flatMap((payment) => hints.get(payment)?.filter(({ type }) => type === 'payment_intent.succeeded') ?? []);
}

async function send(events: readonly StripeEvent[]): Promise<void> {
  for (const event of events) expect(await deliver(api, event, webhookSecret)).toBe(200);
}

async function jobOf({ id }: StripeEvent): Promise<Job> {
  return until(() => queue.getJob(id), { what: `the job of ${id}` });
}

type AttemptRecord = { event_id: string; ended: string; started_at: Date; finished_at: Date };

function attemptsOf(events: readonly StripeEvent[]): Promise<AttemptRecord[]> {
  return records.rows(
    'select event_id, ended, started_at, finished_at from event_attempts where event_id = any($1) order by id',
    [events.map(({ id }) => id)],
  );
}

test('Stripe answers 503 to everybody for a while: the queue pauses, no attempt is spent, and all go through when it is back', async () => {
  const events = await paidIntents(2);
  await side.fault({ kind: 'error_before', status: 503, path: '/v1/*' });
  await send(events);
  await until(async () => (await attemptsOf(events)).filter(({ ended }) => ended === 'away').length >= 3, {
    timeout: 20_000,
  });
  const struck = await side.struck();
  await side.endFaults();
  await untilSettled(records, payments);
  await untilEventsDone(records);
  const attempts = await attemptsOf(events);
  for (const { id } of events) {
    const own = attempts.filter(({ event_id: event }) => event === id);
    expect(own.at(-1)?.ended).toBe('processed');
    // One may be spent: where of an attempt's requests one is still refused when another is answered already.
    expect((await queue.getJob(id))?.attemptsMade).toBeLessThanOrEqual(2);
  }
  const pauses = attempts.slice(1).map(({ started_at: next }, index) => ({
    after: attempts[index]?.ended,
    ms: Number(next) - Number(attempts[index]?.finished_at),
  }));
  for (const { after, ms } of pauses) if (after === 'away') expect(ms, 'nobody else is tried').toBeGreaterThan(900);
  expect(await openReviews(records)).toEqual([]);
  console.log(`Stripe away: ${struck} requests answered 503, ${attempts.length - events.length} attempts failed`);
});

test('429 makes the whole queue wait, and burns no attempt', async () => {
  const events = await paidIntents(4);
  await side.fault({ kind: 'rate_limit', method: 'GET', path: '/v1/payment_intents/{id}', count: 2 });
  await send(events);
  await untilEventsDone(records);
  await side.endFaults();
  const attempts = await attemptsOf(events);
  const refused = attempts.filter(({ ended }) => ended === 'rate_limited');
  expect(refused).toHaveLength(2);
  for (const { finished_at: at } of refused) {
    const next = attempts.find(({ started_at: started }) => started > at);
    expect(Number(next?.started_at) - Number(at), 'nobody else is tried meanwhile').toBeGreaterThan(900);
  }
  for (const event of events) {
    const job = await until(async () => {
      const found = await jobOf(event);
      return found.finishedOn && found;
    });
    expect(job.attemptsMade).toBe(1);
  }
});

test('all attempts are used up: a person is asked, and his retry in Bull Board succeeds once the cause is gone', async () => {
  const [event] = await paidIntents(1);
  if (!event) throw new Error('Bug: one payment was made');
  await records.rows('alter table payment_decisions rename to payment_decisions_away');
  await send([event]);
  const job = await jobOf(event);
  await until(
    async () => {
      if (await job.isDelayed()) await job.promote().catch(() => undefined); // hours of waiting, skipped
      return job.isFailed();
    },
    { timeout: 20_000, interval: 10 },
  );
  const [question] = await openReviews(records);
  expect(question).toMatchObject({
    kind: 'event_failed',
    subject: event.data.object.id,
    details: { event: event.id, attempts_used_up: true },
  });
  expect(await attemptsOf([event])).toHaveLength(20);

  await records.rows('alter table payment_decisions_away rename to payment_decisions');
  const operator = await signIn(api, story.settings);
  const retried = await operator.fetch('PUT', `/console/queues/api/queues/invoicing/${event.id}/retry`);
  expect(retried.status).toBeLessThan(300);
  await untilSettled(records, payments);
  await until(() => job.isCompleted());
  expect(await openReviews(records), 'the question is withdrawn').toEqual([]);
  const done = (await eventRecords(records)).find(({ id }) => id === event.id);
  expect(done).toMatchObject({ outcome: 'processed', attempts: 21 });
});

test('retrying a completed job in Bull Board changes nothing and asks Stripe nothing', async () => {
  const [completed] = await queue.getCompleted(0, 0);
  if (!completed) throw new Error('Bug: jobs were completed before');
  const everything = () =>
    Promise.all(
      ['stripe_events', 'event_attempts', 'payments', 'payment_invoices'].map((table) =>
        records.rows(`select * from ${table} order by 1, 2`),
      ),
    );
  const before = await everything();
  const requests = (await side.requests()).length;
  const finished = completed.finishedOn ?? 0;

  const operator = await signIn(api, story.settings);
  const retried = await operator.fetch('PUT', `/console/queues/api/queues/invoicing/${completed.id}/retry`);
  expect(retried.status).toBeLessThan(300);
  await until(async () => ((await queue.getJob(completed.id ?? ''))?.finishedOn ?? 0) > finished, {
    what: 'it ran again',
  });
  expect(await everything()).toEqual(before);
  expect(await side.requests()).toHaveLength(requests);
});

test('in the end each payment has its one invoice', async () => {
  await untilEventsDone(records);
  await expectOneInvoiceEach(side, records, payments);
});
