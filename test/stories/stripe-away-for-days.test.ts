import { type Job, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { manyPayments } from '../support/purchases.ts';
import { openReviews } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/** From Friday to Monday nobody is answered by Stripe: no event is used up, and one question is asked. */
const story = await startStory({ env: { OPERATOR_EMAIL: 'owner@example.com' } });
const { side, records } = story;

const redis = new Redis(story.redis.url);
const queues = ['invoicing', 'adjustments'].map((name) => new Queue(name, { connection: redis, prefix: 'quittance' }));
releaseAfterFile(async () => {
  await Promise.all(queues.map((queue) => queue.close()));
  redis.disconnect();
});

const attempts = () =>
  records.rows<{ ended: string }>(`select ended from event_attempts where finished_at is not null`);
const questions = () => records.rows<{ kind: string; state: string }>('select kind, state from review_items');
const used = async () => {
  const jobs = await Promise.all(queues.map((queue) => queue.getJobs(['active', 'waiting', 'delayed', 'failed'])));
  // One that needed nothing of Stripe may have been done while the list was read.
  const isDone = ({ finishedOn, failedReason }: Job) => finishedOn !== undefined && failedReason === undefined;
  return jobs.flat().filter((job) => job.attemptsMade > 0 && !isDone(job));
};
/** As if the pause of the queues were over. */
const pausesEnd = () => Promise.all(queues.map((queue) => queue.removeRateLimitKey()));

test.each([
  ['nothing listens', { kind: 'reset', path: '*' }],
  ['it is broken', { kind: 'error_before', status: 503, path: '*' }],
] as const)('%s', async (_what, fault) => {
  await records.rows('truncate review_items');
  await records.rows(`update stripe_contact set answered_at = now() - interval '3 days', failing_since = null`);
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const payments = await manyPayments(side, 3);
  await side.fault(fault);
  await side.control('POST', '/_sim/webhooks', { paused: false });
  const before = (await attempts()).length;
  await until(
    async () => {
      await pausesEnd();
      return (await attempts()).length > before + 12;
    },
    { timeout: 60_000, interval: 20 },
  );
  expect(await used(), 'no attempt of any event is used up').toEqual([]);
  expect(await openReviews(records), 'not at once').toEqual([]);
  expect((await records.rows('select id from stripe_events where outcome = $1', ['review'])).length).toBe(0);

  await records.rows(`update stripe_contact set failing_since = now() - interval '3 days'`);
  await until(async () => (await openReviews(records)).length > 0, { timeout: 30_000 });
  expect(await questions()).toEqual([{ kind: 'stripe_unreachable', state: 'open' }]);

  await side.endFaults();
  await until(
    async () => {
      await pausesEnd();
      return (await openReviews(records)).length === 0;
    },
    { timeout: 60_000, interval: 100 },
  );
  await pausesEnd();
  await untilSettled(records, payments);
  await untilEventsDone(records);
  expect(await questions(), 'withdrawn by the first answer, and nothing else was asked').toEqual([
    { kind: 'stripe_unreachable', state: 'resolved' },
  ]);
  expect((await attempts()).filter(({ ended }) => ended === 'error')).toEqual([]);
  const mails = `select id from messages where channel = 'mail' and kind like 'review_%'`;
  expect((await records.rows(mails)).length).toBeLessThanOrEqual(2);
});

test('in the end each payment has its one invoice', async () => {
  const payments = await records.rows<{ payment_intent: string }>('select payment_intent from payments');
  await expectOneInvoiceEach(
    side,
    records,
    payments.map(({ payment_intent }) => payment_intent),
  );
});
