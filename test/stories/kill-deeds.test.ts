import { expect, test } from 'vitest';
import { syncSubscription } from '../../src/billing/subscriptions/sync-subscription.ts';
import { rows } from '../../src/platform/db.ts';
import { featuresOf } from '../support/access.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import type { Crash } from '../support/crash-plan.ts';
import { crashDeeds } from '../support/crashing-worker.ts';
import { atATime } from '../support/deliveries.ts';
import { type DeedName, doDeed } from '../support/managed-deeds.ts';
import { policyFile } from '../support/policy-file.ts';
import { customerWithCard } from '../support/subscriptions.ts';

/** The process dies while a subscription is canceled, resumed or paused: at each write, and at each request to Stripe. */
const AT_MOST = 300;
/** Who dies in the middle of a transaction keeps what it has locked until the process dies: none shares a price with another. */
const prices = Array.from({ length: AT_MOST }, (_, number) => `pro_${number + 1}`);
const pro = { name: 'Pro', prices, features: ['pro'] };
const POLICY = policyFile({ access: { reference_metadata: ['user_id'], plans: { pro } } });
const { deps, side, settings } = await billingUnderTest({ POLICY });
const { db, stripe } = deps;

/** What was done before, what is left then, and by which event Stripe tells of it. */
const CASES = {
  cancel_now: { before: [], status: 'canceled', features: [], told: 'deleted' },
  pause: { before: [], status: 'paused', features: [], told: 'paused' },
  resume: {
    before: ['cancel_at_period_end', 'pause'],
    status: 'active',
    features: ['pro'],
    told: 'resumed',
  },
} as const satisfies Partial<Record<DeedName, object>>;
type Case = keyof typeof CASES;
const cases: Case[] = ['cancel_now', 'pause', 'resume'];

let people = 0;
async function prepared(name: Case): Promise<{ id: string; who: string }> {
  const number = ++people;
  const who = `user-${number}`;
  const [customer, price] = await Promise.all([
    customerWithCard(side),
    stripe.prices.create({
      product_data: { name: 'Pro' },
      lookup_key: `pro_${number}`,
      unit_amount: 3_000,
      currency: 'eur',
      recurring: { interval: 'month' },
    }),
  ]);
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    metadata: { user_id: who },
  });
  await syncSubscription({ subscription: id }, deps);
  for (const each of CASES[name].before) await doDeed(id, each, deps);
  return { id, who };
}

async function crash(planned: { name: Case; crash: Crash }[]) {
  const struck = await atATime(8, planned, ({ name }) => prepared(name));
  const doing = Object.fromEntries(struck.map(({ id }, position) => [id, planned[position]?.name]));
  const plan = struck.map(({ id }, position) => ({
    event: id,
    crash: planned[position]?.crash ?? { at: 1, side: 'before' as const },
  }));
  return { struck, lines: await crashDeeds(doing, plan, settings) };
}

test('whoever asks again finds it done, or does it: once at Stripe, and access as it should be', async () => {
  const models = await crash(cases.map((name) => ({ name, crash: { at: 1_000, side: 'before' } })));
  const planned = cases.flatMap((name, position) => {
    const points = models.lines[position]?.points ?? [];
    expect(points.length, `points to crash at: ${name}`).toBeGreaterThan(8);
    return points.flatMap((_, index) =>
      (['before', 'after'] as const).map((where) => ({ name, crash: { at: index + 1, side: where } })),
    );
  });
  const { struck, lines } = await crash(planned);
  for (const [position, { crash: point }] of planned.entries()) {
    expect(lines[position]?.died).toMatch(new RegExp(`^${point.side} ${point.at} `));
  }
  // The turns of the dead.
  await rows(db, 'DELETE FROM leases');

  await atATime(8, [...struck.entries()], async ([position, { id, who }]) => {
    const name = planned[position]?.name ?? 'cancel_now';
    const where = `${name}, ${lines[position]?.died}`;
    await doDeed(id, name, deps);
    expect([where, (await stripe.subscriptions.retrieve(id)).status]).toEqual([where, CASES[name].status]);
    const kept = await rows(db, 'SELECT status FROM subscriptions WHERE id = ?', [id]);
    expect([where, kept]).toEqual([where, [{ status: CASES[name].status }]]);
    expect([where, Object.keys(await featuresOf(deps, who)).sort()]).toEqual([where, CASES[name].features]);
    const audit = await rows(db, 'SELECT FROM audit_log WHERE subject = ? AND action = ?', [
      id,
      `subscription.${name}`,
    ]);
    expect([where, audit.length > 0]).toEqual([where, true]);
  });

  const events = (await side.events()).filter(({ type }) => type.startsWith('customer.subscription.'));
  for (const [position, { id }] of struck.entries()) {
    const name = planned[position]?.name ?? 'cancel_now';
    const once = events.filter(({ type, data }) => data.object.id === id && type.endsWith(`.${CASES[name].told}`));
    expect([`${name}, ${lines[position]?.died}`, once.length]).toEqual([`${name}, ${lines[position]?.died}`, 1]);
  }
  console.log(`kill -9, deeds about subscriptions: ${planned.length} faults tried`);
}, 120_000);
