import type { Job } from 'bullmq';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { withPaymentLease } from '../../src/billing/payments/payment-lease.ts';
import { jobQueues } from '../../src/jobs/enqueue.ts';
import { firstRow, rows } from '../../src/platform/db.ts';
import { signalConnection, workerConnection } from '../../src/platform/redis.ts';
import { queueWorker } from '../../src/workers/queue-worker.ts';
import { stripeEventHandler } from '../../src/workers/stripe-event.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { until } from '../support/eventually.ts';
import { storedEvent } from '../support/stored-events.ts';

const { deps, side, settings } = await billingUnderTest();
const { db, log } = deps;
const redisUrl = settings.REDIS_URL ?? '';
const signals = signalConnection(redisUrl, log);
const connection = workerConnection(redisUrl, log);
const jobs = jobQueues(signals, 'test', () => {});
const queue = jobs.queues.invoicing;
const worker = queueWorker({
  queue: 'invoicing',
  handle: stripeEventHandler(deps),
  log,
  connection,
  prefix: 'test',
  concurrency: 5,
});
await until(() => signals.status === 'ready');
afterAll(async () => {
  await worker.close();
  await jobs.close();
  connection.disconnect();
  signals.disconnect();
});
beforeEach(() => side.endFaults());

let made = 0;
/** A succeeded payment and the id of an event of it that is stored and has its job. */
async function paymentEvent(says: { attempts?: number } = {}): Promise<{ id: string; intent: string }> {
  const { id: intent } = await side.stripe.paymentIntents.create({
    amount: 2_500,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  return { id: await eventOf({ object: { id: intent, object: 'payment_intent' } }, says), intent };
}

async function eventOf(
  data: { readonly object?: { readonly id?: string; readonly object: string }; readonly nothing?: true },
  says: { attempts?: number; type?: string; account?: string } = {},
): Promise<string> {
  made += 1;
  const id = `evt_w${made}`;
  const { attempts, type = 'payment_intent.succeeded', account = '' } = says;
  await storedEvent(db, id, { type, account, payload: { data }, object: data.object?.id ?? 'none' });
  await queue.add(type, { eventId: id }, { jobId: id, ...(attempts ? { attempts } : {}) });
  return id;
}

const event = (id: string) =>
  firstRow<{ outcome: string | null; reason: string; attempts: number; last_error: string | null }>(
    db,
    'SELECT outcome, reason, attempts, last_error FROM stripe_events WHERE id = ?',
    [id],
  );
const attemptsOf = (id: string) =>
  rows<{ ended: string; stripe_calls: number; worker: string }>(
    db,
    'SELECT ended, stripe_calls, worker FROM event_attempts WHERE event_id = ? ORDER BY id',
    [id],
  );
const questionsOn = (id: string) =>
  rows(db, `SELECT kind, state, summary, subject FROM review_items WHERE details->>'event' = ?`, [id]);
const done = (id: string) => until(async () => (await event(id))?.outcome, { what: `${id} has an outcome` });
async function jobOf(id: string): Promise<Job> {
  const job = await queue.getJob(id);
  if (!job) throw new Error(`There is no job ${id}`);
  return job;
}
const jobEnds = (id: string, state: string) =>
  until(async () => (await queue.getJobState(id)) === state, { what: `the job of ${id} is ${state}` });

describe('an event', () => {
  test('of a payment ends processed, in one attempt whose calls are counted; a second one costs none', async () => {
    const { id, intent } = await paymentEvent();
    await done(id);
    expect(await event(id)).toMatchObject({
      outcome: 'processed',
      attempts: 1,
      reason: expect.stringMatching(/^invoice /),
    });
    expect(await attemptsOf(id)).toEqual([
      { ended: 'processed', stripe_calls: 8, worker: expect.stringMatching(/:\d+:invoicing$/) },
    ]);
    const second = await eventOf({ object: { id: intent, object: 'payment_intent' } });
    await done(second);
    expect(await attemptsOf(second)).toMatchObject([{ ended: 'processed', stripe_calls: 0 }]);
    expect(await event(second)).toMatchObject({ attempts: 1, reason: 'the payment has its invoice' });
  });

  test.each([
    ['of a connected account', { account: 'acct_1' }],
    ['of a connected account and of a type that is not known here', { account: 'acct_1', type: 'invoice.overpaid' }],
  ])('%s is ignored with the reason', async (_what, says) => {
    const id = await eventOf({ object: { id: 'pi_1', object: 'payment_intent' } }, says);
    await done(id);
    expect(await event(id)).toMatchObject({ outcome: 'ignored', reason: 'it is of the connected account acct_1' });
  });

  test.each(['invoice.overpaid', 'v1.invoice.overpaid'])(
    'of the type %s, which a newer release has stored, is left to that: its job ends, and it has no outcome',
    async (type) => {
      const id = await eventOf({ object: { id: 'in_1', object: 'invoice' } }, { type });
      await jobEnds(id, 'completed');
      expect(await event(id)).toEqual({
        outcome: null,
        reason: 'left to a newer release, which knows this type',
        attempts: 0,
        last_error: null,
      });
      const since = () =>
        firstRow<{ since: Date | null }>(db, 'SELECT awaits_release_since AS since FROM stripe_events WHERE id = ?', [
          id,
        ]);
      const first = await since();
      expect(first?.since).toEqual(expect.any(Date));
      await (await jobOf(id)).retry('completed');
      await jobEnds(id, 'completed');
      expect(await since(), 'it waits since it was first left').toEqual(first);
      expect(await questionsOn(id)).toEqual([]);
    },
  );

  test('that is done stays as it is when its job is retried', async () => {
    const { id } = await paymentEvent();
    await jobEnds(id, 'completed');
    const before = await event(id);
    await (await jobOf(id)).retry('completed');
    await jobEnds(id, 'completed');
    expect(await event(id)).toEqual(before);
    expect(await attemptsOf(id)).toHaveLength(1);
  });
});

describe('what no retry can help is asked of a person at once', () => {
  test.each([
    ['an object of another kind than the type promises', { object: { id: 'ch_1', object: 'charge' } }],
    ['a body without an object', { nothing: true as const }],
    ['a payment that Stripe does not know', { object: { id: 'pi_unknown', object: 'payment_intent' } }],
  ])('%s', async (_what, data) => {
    const id = await eventOf(data);
    await jobEnds(id, 'failed');
    expect(await event(id)).toMatchObject({ outcome: 'review', attempts: 1 });
    expect(await questionsOn(id)).toMatchObject([
      { kind: 'event_failed', state: 'open', summary: expect.stringContaining(id) },
    ]);
  });

  test('a job for an event that was never stored fails', async () => {
    await queue.add('payment_intent.succeeded', { eventId: 'evt_never' }, { jobId: 'evt_never' });
    await jobEnds('evt_never', 'failed');
    expect((await jobOf('evt_never')).failedReason).toBe('There is no stored event evt_never');
  });
});

describe('what may pass', () => {
  const broken = { kind: 'error_before', path: '/v1/checkout/sessions' } as const;

  test('is tried again, and seen until then', async () => {
    await side.fault({ ...broken, count: 3 });
    const { id } = await paymentEvent();
    await until(async () => (await event(id))?.last_error);
    expect(await event(id)).toMatchObject({ outcome: null, attempts: 1 });
    expect(await attemptsOf(id)).toMatchObject([{ ended: 'error' }]);
    await done(id);
    expect(await event(id)).toMatchObject({ outcome: 'processed', attempts: 2, last_error: null });
    expect(await questionsOn(id)).toEqual([]);
  });

  test('is asked of a person when the attempts are used up; a retry by hand answers the question', async () => {
    await side.fault(broken);
    const { id } = await paymentEvent({ attempts: 1 });
    await jobEnds(id, 'failed');
    expect(await event(id)).toMatchObject({ outcome: 'review', attempts: 1 });
    expect(await questionsOn(id)).toMatchObject([{ kind: 'event_failed', state: 'open' }]);
    await side.endFaults();
    await (await jobOf(id)).retry('failed');
    await until(async () => (await event(id))?.outcome === 'processed');
    expect(await questionsOn(id)).toMatchObject([{ state: 'resolved' }]);
    await jobEnds(id, 'completed');
  });
});

describe('no attempt is spent', () => {
  test('when Stripe asks for a pause: the whole queue waits, and then goes on', async () => {
    await side.fault({ kind: 'rate_limit', path: '/v1/checkout/sessions', count: 1 });
    const { id } = await paymentEvent();
    await done(id);
    await jobEnds(id, 'completed');
    expect((await attemptsOf(id)).map(({ ended }) => ended)).toEqual(['rate_limited', 'processed']);
    expect((await jobOf(id)).attemptsMade).toBe(1);
  });

  test('when another worker is on the payment: this event alone steps aside', async () => {
    const { id: intent } = await side.stripe.paymentIntents.create({ amount: 700, currency: 'eur' });
    const ref = { account: '', paymentIntent: intent };
    const id = await withPaymentLease(db, ref, false, async () => {
      const busy = await eventOf({ object: { id: intent, object: 'payment_intent' } });
      await jobEnds(busy, 'delayed');
      return busy;
    });
    await jobEnds(id, 'completed');
    expect((await attemptsOf(id)).map(({ ended }) => ended)).toEqual(['busy', 'ignored']);
    expect((await jobOf(id)).attemptsMade).toBe(1);
  });
});
