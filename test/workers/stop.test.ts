import { expect, test } from 'vitest';
import { jobQueues } from '../../src/jobs/enqueue.ts';
import { firstRow } from '../../src/platform/db.ts';
import { signalConnection } from '../../src/platform/redis.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { type Command, startCommand } from '../support/command.ts';
import { until } from '../support/eventually.ts';
import { storedEvent } from '../support/stored-events.ts';

const { deps, side, settings } = await billingUnderTest();
const { db } = deps;
const signals = signalConnection(settings.REDIS_URL ?? '', deps.log);
const jobs = jobQueues(signals, 'quittance', () => {});
releaseAfterFile(async () => {
  await jobs.close();
  signals.disconnect();
});
await until(() => signals.status === 'ready');

async function worker(env: Record<string, string> = {}): Promise<Command> {
  const command = startCommand('dist/src/workers/main.js', ['invoicing'], { ...settings, LOG_LEVEL: 'info', ...env });
  await command.ready();
  return command;
}

/** Stores an event of a new payment and enqueues it. */
async function event(id: string): Promise<void> {
  const { id: intent } = await side.stripe.paymentIntents.create({
    amount: 2_500,
    currency: 'eur',
    confirm: true,
    payment_method: 'pm_card_visa',
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });
  await storedEvent(db, id, { payload: { data: { object: { id: intent, object: 'payment_intent' } } } });
  await jobs.enqueue([{ id, type: 'payment_intent.succeeded', queue: 'invoicing' }]);
}
const outcomeOf = async (id: string) =>
  (await firstRow<{ outcome: string | null }>(db, 'SELECT outcome FROM stripe_events WHERE id = ?', [id]))?.outcome;
const reachedStripe = () => until(async () => (await side.struck()) > 0, { what: 'the job waits for Stripe' });

test('a stopping worker takes no new job, finishes the running one, and ends with 0', async () => {
  const command = await worker();
  await side.fault({ kind: 'latency', path: '/v1/invoices', method: 'POST', ms: 1_000, count: 1 });
  await event('evt_running');
  await reachedStripe();
  command.kill('SIGTERM');
  await until(() => command.said().includes('"stopping"'));
  await event('evt_later');
  const { code, stdout } = await command.end;
  expect(code).toBe(0);
  expect(stdout).toContain('"stopped"');
  expect(await outcomeOf('evt_running')).toBe('processed');
  expect(await outcomeOf('evt_later')).toBeNull();
  expect(await jobs.queues.invoicing.getJobState('evt_later')).toBe('waiting');
});

test('when the deadline passes it ends all the same; the event is open, and its job is taken up elsewhere', async () => {
  await side.endFaults();
  await jobs.queues.invoicing.drain();
  const command = await worker({ SHUTDOWN_SECONDS: '1' });
  await side.fault({ kind: 'latency', path: '/v1/invoices', method: 'POST', ms: 4_000, count: 1 });
  await event('evt_long');
  await reachedStripe();
  command.kill('SIGTERM');
  const { code, stdout } = await command.end;
  expect(code).toBe(0);
  expect(stdout).toContain('stopped with work unfinished');
  expect(await outcomeOf('evt_long')).toBeNull();
  expect(await jobs.queues.invoicing.getJobState('evt_long')).toBe('active');
});

test('an unknown queue is named, and the worker does not start', async () => {
  const { code, stderr } = await startCommand('dist/src/workers/main.js', ['invoicing,faxes'], settings).end;
  expect(code).toBe(2);
  expect(stderr).toMatch(/^There is no queue faxes\. Queues: invoicing, /);
});

test('a worker with a port says that it is alive, and nothing else', async () => {
  const command = startCommand('dist/src/workers/main.js', ['notifications'], {
    ...settings,
    LOG_LEVEL: 'info',
    WORKER_PORT: '0',
  });
  const url = await command.ready();
  const answers = await Promise.all(['/healthz', '/other'].map((path) => fetch(`${url}${path}`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 404]);
  expect(await answers[0]?.json()).toEqual({ status: 'alive' });
  command.kill('SIGTERM');
  expect((await command.end).code).toBe(0);
});
