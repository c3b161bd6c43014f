import { expect, test } from 'vitest';
import { addEndpoint } from '../../src/billing/outgoing/manage-endpoints.ts';
import { connect } from '../../src/platform/db.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import type { Crash } from '../support/crash-plan.ts';
import { crashAll } from '../support/crashing-worker.ts';
import { atATime } from '../support/deliveries.ts';
import { until } from '../support/eventually.ts';
import { onTestClock } from '../support/on-test-clock.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { policyFile } from '../support/policy-file.ts';
import { startWorkerProcess } from '../support/processes.ts';
import { endLeases } from '../support/records.ts';
import { startStory } from '../support/story.ts';
import { customerWithCard } from '../support/subscriptions.ts';

/**
 * kill -9 before and after each write and each request of `syncSubscription`: of one that has just begun, and of one that was there
 * before us, on a test clock, with a renewal that failed. Each dies at a point of its own; then a worker takes up what is left.
 */
const { side, records, settings } = await startStory({ workers: 0 });
const { stripe } = side;
const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 2 });
releaseAfterFile(() => db.destroy());
await addEndpoint(db, { url: 'http://127.0.0.1:9/told', types: ['access.changed'], allowPrivate: true }, 'test');
const START = Date.parse('2031-03-01T09:00:00Z') / 1000;
const NEVER: Crash = { at: 1_000, side: 'before' };

type Kind = 'new' | 'failing';
interface Made {
  readonly kind: Kind;
  readonly id: string;
  readonly price: string;
  readonly who: string;
}

/** Each at a price of its own: who stands still in the middle of a transaction keeps it from all others. */
async function make(kind: Kind, who: string): Promise<Made> {
  const product = await stripe.products.create({ name: 'Pro' });
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'eur',
    unit_amount: 3_000,
    recurring: { interval: 'month' },
  });
  const sold = { items: [{ price: price.id }], metadata: { user_id: who } };
  if (kind === 'new') {
    const customer = await customerWithCard(side);
    const { id } = await stripe.subscriptions.create({ customer: customer.id, ...sold });
    return { kind, id, price: price.id, who };
  }
  const { customer, advanceTo, card } = await onTestClock(side, START, async () => {});
  const { id, items } = await stripe.subscriptions.create({ customer, ...sold });
  await card('pm_card_chargeCustomerFail');
  const end = items.data[0]?.current_period_end ?? 0;
  await advanceTo(end + 60);
  await advanceTo(end + 2 * 3_600);
  return { kind, id, price: price.id, who };
}

const policyOf = (all: readonly Made[]) =>
  policyFile({
    access: {
      reference_metadata: ['user_id'],
      plans: { pro: { name: 'Pro', prices: all.map(({ price }) => price), features: ['pro'] } },
    },
  });

async function eventOf({ id }: Made): Promise<string> {
  return until(async () => {
    const [row] = await records.rows<{ id: string }>(
      `select id from stripe_events where object_id = $1 and type = 'customer.subscription.created'`,
      [id],
    );
    return row?.id;
  });
}

async function crash(planned: readonly { kind: Kind; crash: Crash }[], name: string) {
  const made = await atATime(8, [...planned.entries()], ([number, { kind }]) => make(kind, `${name}-${number}`));
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 20_000 });
  const plan = await Promise.all(
    made.map(async (each, number) => ({ event: await eventOf(each), crash: planned[number]?.crash ?? NEVER })),
  );
  // It alone tells of it: what it leaves undone no other event makes good.
  await records.rows('delete from stripe_events where outcome is null and id <> all($1)', [
    plan.map(({ event }) => event),
  ]);
  const env = { ...settings, POLICY: policyOf(made) };
  return { made, env, lines: await crashAll(plan, env, 'subscriptions') };
}

test('whoever comes next keeps it once, and tells of what it gives once', async () => {
  const models = await crash(
    [
      { kind: 'new', crash: NEVER },
      { kind: 'failing', crash: NEVER },
    ],
    'model',
  );
  const planned = models.lines.flatMap(({ points }, position) => {
    expect(points.length, 'points to crash at').toBeGreaterThan(15);
    const kind: Kind = position === 0 ? 'new' : 'failing';
    return points.flatMap((_, index) =>
      (['before', 'after'] as const).map((at) => ({ kind, crash: { at: index + 1, side: at } })),
    );
  });
  const { made, lines, env } = await crash(planned, 'user');
  for (const [
    position,
    {
      crash: { side: at, at: number },
    },
  ] of planned.entries()) {
    expect(lines[position]?.died).toMatch(new RegExp(`^${at} ${number} `));
  }

  await endLeases(records);
  await startWorkerProcess([], env);
  await untilEventsDone(records, 90_000);
  for (const { kind, id, who } of made) {
    const at = `${kind} ${lines.find((_, position) => made[position]?.id === id)?.died}`;
    const live = await stripe.subscriptions.retrieve(id);
    const invoices = await stripe.invoices.list({ subscription: id });
    const kept = await records.row(
      `select status, (select count(*) from subscription_items where subscription = s.id)::int as items,
              array(select id || ' ' || status from subscription_invoices where subscription = s.id order by id) as invoices,
              (select count(*) from recovery_cases where subscription = s.id and state = 'open')::int as cases,
              (select version::int from access_states where reference = $2) as version,
              (select count(*) from access_grants where reference = $2 and ended_at is null)::int as grants,
              (select count(*) from messages where data->'data'->>'reference' = $2)::int as told
       from subscriptions s where id = $1`,
      [id, who],
    );
    expect([at, kept]).toEqual([
      at,
      {
        status: live.status,
        items: 1,
        invoices: invoices.data.map((invoice) => `${invoice.id} ${invoice.status}`).sort(),
        cases: kind === 'failing' ? 1 : 0,
        version: 1,
        grants: 1,
        told: 1,
      },
    ]);
  }
  expect(new Set(made.map(({ kind }) => kind)).size).toBe(2);
  console.log(
    `kill -9, subscriptions: ${planned.length} faults tried: ${models.lines.map(({ points }) => points.join(', ')).join('; ')}`,
  );
}, 300_000);
