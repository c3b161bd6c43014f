import { expect, test } from 'vitest';
import { crashEach } from '../support/crashes.ts';
import { freshDatabase } from '../support/database.ts';
import { later } from '../support/later.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { type Settings, startApiProcess, startWorkerProcess } from '../support/processes.ts';
import { buy } from '../support/purchases.ts';
import { type ClaimRecord, openReviews, type Records, recordsOf } from '../support/records.ts';
import { freshRedis } from '../support/redis.ts';
import { type Story, startStory } from '../support/story.ts';

/** The database is gone, Stripe is not: whoever starts anew with an empty one finds the invoices that were made. */
type Buyer = { payment: string; afterwards?: () => Promise<unknown> };

async function customerWith({ side: { stripe } }: Story, balance: number): Promise<string> {
  const { id } = await stripe.customers.create({ name: 'Ada Example', email: 'ada@example.com' });
  if (balance !== 0) await stripe.customers.createBalanceTransaction(id, { amount: balance, currency: 'eur' });
  return id;
}

/** Buyers of every kind, also those whose balance has changed since. */
async function buyers(story: Story): Promise<Record<string, Buyer>> {
  const { side } = story;
  const { stripe } = side;
  const [plain, rich, laterRich, onceRich] = await Promise.all([0, -700, 0, -700].map((of) => customerWith(story, of)));
  const change = (customer: string | undefined, amount: number) =>
    stripe.customers.createBalanceTransaction(customer ?? '', { amount, currency: 'eur' });
  const by = (customer: string | undefined) => buy(side, customer ? { customer } : {}, { email: 'guest@example.com' });
  return {
    'a guest': { payment: await by(undefined) },
    'a customer': { payment: await by(plain) },
    'a customer with a balance': { payment: await by(rich) },
    'a customer who has a balance only since': {
      payment: await by(laterRich),
      afterwards: () => change(laterRich, -700),
    },
    'a customer who has spent his balance since': {
      payment: await by(onceRich),
      afterwards: () => change(onceRich, 700),
    },
  };
}

function claims(records: Records): Promise<ClaimRecord[]> {
  return records.rows(
    'select payment_intent, step, customer, stripe_invoice, number, total, currency, settlement from payment_invoices order by payment_intent',
  );
}

/** Another api and another worker with nothing but Stripe's word, and the webhooks once more. */
async function startAnew({ side, settings, webhookSecret }: Story, env: Settings): Promise<Records> {
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const anew = { ...settings, DATABASE_URL: database.url, REDIS_URL: redis.url, PORT: '0', ...env };
  const [api] = await Promise.all([startApiProcess(anew), startWorkerProcess([], anew)]);
  for (const { id, type } of await side.events()) {
    if (!['payment_intent.succeeded', 'checkout.session.completed'].includes(type)) continue;
    const url = `${api.url}/webhooks/stripe`;
    await side.control('POST', '/_sim/webhooks/send', { event: id, url, secret: webhookSecret });
  }
  return recordsOf(database.url);
}

test('payments of every kind of buyer keep their invoices', async () => {
  const story = await startStory();
  const { side, records } = story;
  const bought = await buyers(story);
  const payments = Object.values(bought).map(({ payment }) => payment);
  await untilSettled(records, payments);
  await untilEventsDone(records);
  const before = await claims(records);
  await Promise.all(story.workers.map((worker) => worker.stop()));
  for (const { afterwards } of Object.values(bought)) await afterwards?.();
  const names = new Map(Object.entries(bought).map(([name, { payment }]) => [payment, name]));
  const told = (rows: ClaimRecord[]) => rows.map((row) => ({ ...row, buyer: names.get(row.payment_intent) }));

  for (const [age, seconds] of [
    ['minutes later', 60],
    ['a day later, when no key is remembered', 25 * 3600],
  ] as const) {
    const anew = await startAnew(story, await later(side, seconds));
    await untilSettled(anew, payments);
    await untilEventsDone(anew);
    expect(told(await claims(anew)), age).toEqual(told(before));
    expect(await openReviews(anew), age).toEqual([]);
  }
  expect((await side.stripe.invoices.list({ limit: 100 })).data).toHaveLength(payments.length);
}, 300_000);

test('an invoice that was only begun is found and finished, a day later, with an empty database', async () => {
  const story = await startStory({ workers: 0 });
  const steps = ['', '/{id}/add_lines', '/{id}/finalize'].map((step) => `POST /v1/invoices${step}`);
  const planned = (['guest', 'customer'] as const).flatMap((buyer) =>
    steps.map((what) => ({ what, buyer, side: 'after' as const })),
  );
  const struck = await crashEach(story, planned);
  const payments = struck.map(({ payment }) => payment);
  const anew = await startAnew(story, await later(story.side, 25 * 3600));
  await untilSettled(anew, payments);
  await untilEventsDone(anew);
  await expectOneInvoiceEach(story.side, anew, payments);
  console.log(`lost database: ${planned.length} begun and 5 paid invoices of two ages found again`);
}, 300_000);
