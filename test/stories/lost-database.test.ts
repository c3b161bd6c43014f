import { expect, test } from 'vitest';
import { crashEach } from '../support/crashes.ts';
import { freshDatabase } from '../support/database.ts';
import { later } from '../support/later.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { type Settings, startApi, startWorker } from '../support/processes.ts';
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
  const [api] = await Promise.all([startApi(anew), startWorker([], anew)]);
  for (const { id, type } of await side.events()) {
    if (!['payment_intent.succeeded', 'checkout.session.completed'].includes(type)) continue;
    const url = `${api.url}/webhooks/stripe`;
    await side.control('POST', '/_sim/webhooks/send', { event: id, url, secret: webhookSecret });
  }
  return recordsOf(database.url);
}

test.each([
  { age: 'minutes', seconds: 60 },
  { age: 'more than a day, so that no key is remembered', seconds: 25 * 3600 },
])('payments that are $age old keep their invoices', async ({ seconds }) => {
  const story = await startStory();
  const { side, records } = story;
  const bought = await buyers(story);
  const payments = Object.values(bought).map(({ payment }) => payment);
  await untilSettled(records, payments);
  await untilEventsDone(records);
  const before = await claims(records);
  await Promise.all(story.workers.map((worker) => worker.stop()));
  for (const { afterwards } of Object.values(bought)) await afterwards?.();

  const anew = await startAnew(story, await later(side, seconds));
  await untilSettled(anew, payments);
  await untilEventsDone(anew);
  const names = new Map(Object.entries(bought).map(([name, { payment }]) => [payment, name]));
  const told = (rows: ClaimRecord[]) => rows.map((row) => ({ ...row, buyer: names.get(row.payment_intent) }));
  expect(told(await claims(anew))).toEqual(told(before));
  expect(await openReviews(anew)).toEqual([]);
  const invoices = await side.stripe.invoices.list({ limit: 100 });
  expect(invoices.data).toHaveLength(payments.length);
});

test('an invoice that was only begun is found and finished, a day later, with an empty database', async () => {
  const story = await startStory({ workers: 0 });
  const crashes = ['/v1/invoices', '/v1/invoices/{id}/add_lines', '/v1/invoices/{id}/finalize'].map((path) => ({
    what: `POST ${path}`,
    side: 'after' as const,
  }));
  const struck = [...(await crashEach(story, crashes, true)), ...(await crashEach(story, crashes, false))];
  const payments = struck.map(({ payment }) => payment);
  const anew = await startAnew(story, await later(story.side, 25 * 3600));
  await untilSettled(anew, payments);
  await untilEventsDone(anew);
  await expectOneInvoiceEach(story.side, anew, payments);
  console.log(`lost database: ${crashes.length * 2} begun and 5 paid invoices of two ages found again`);
});
