import { expect, test } from 'vitest';
import { rows } from '../../src/platform/db.ts';
import { messageOf } from '../../src/platform/log.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { changesOf, confirmed, DAY } from '../support/changes.ts';
import type { Crash } from '../support/crash-plan.ts';
import { crashChanges } from '../support/crashing-worker.ts';
import { atATime } from '../support/deliveries.ts';
import { depth } from '../support/property.ts';

/** The process dies while a change is made: at each write, and at each request to Stripe. */
const billing = await billingUnderTest();
const { deps, side, settings } = billing;
const { stripe } = side;
const { begun, preview, confirm, change, invoices, useCard, pass } = changesOf(billing);

/** From what to what, when, and how it ends. */
const CASES = {
  upgrade: { from: 1_000, to: 3_000, when: 'now', outcome: 'applied' },
  planned: { from: 3_000, to: 1_000, when: 'period_end', outcome: 'scheduled' },
  declined: { from: 1_000, to: 3_000, when: 'now', outcome: 'waiting' },
  downgrade: { from: 3_000, to: 1_000, when: 'now', outcome: 'applied' },
} as const;
type Case = keyof typeof CASES;
const cases: Case[] = depth > 1 ? ['upgrade', 'planned', 'declined', 'downgrade'] : ['upgrade', 'planned'];

/** What is written of the subscription afterwards is one transaction, as after each event of it. */
const OF_CHANGE = /^(GET|POST|COMMIT)|subscription_changes|audit_log|leases/;

/** At prices of its own: who is stopped in the middle of writing one holds nobody else up. */
async function priceOf(unit_amount: number): Promise<string> {
  const product = await stripe.products.create({ name: 'Sold' });
  const recurring = { interval: 'month' } as const;
  return (await stripe.prices.create({ product: product.id, currency: 'eur', unit_amount, recurring })).id;
}

async function prepared(name: Case) {
  const { from, to, when } = CASES[name];
  const { id, customer } = await begun([{ price: await priceOf(from) }]);
  if (name === 'declined') await useCard(customer, 'pm_card_chargeCustomerFail');
  return { name, id, customer, wanted: { only: { price: await priceOf(to) }, when } };
}

async function crash(planned: readonly { name: Case; crash: Crash }[]) {
  const ready: Awaited<ReturnType<typeof prepared>>[] = [];
  await atATime(8, [...planned.entries()], async ([position, { name }]) => {
    ready[position] = await prepared(name);
  });
  await pass(DAY);
  const struck = await Promise.all(ready.map(async (each) => ({ ...each, seen: await preview(each.id, each.wanted) })));
  const doing = Object.fromEntries(struck.map(({ id, wanted, seen }) => [id, confirmed(wanted, seen)]));
  const plan = struck.map(({ id }, position) => ({
    event: id,
    crash: planned[position]?.crash ?? { at: 1, side: 'before' as const },
  }));
  const lines = await crashChanges(doing, plan, settings);
  await rows(deps.db, 'DELETE FROM leases');
  return { struck, lines };
}

test('whoever confirms once more finds it made, or makes it: once', { timeout: 240_000 }, async () => {
  const models = await crash(cases.map((name) => ({ name, crash: { at: 1_000, side: 'before' } })));
  const planned = cases.flatMap((name, position) => {
    const points = models.lines[position]?.points ?? [];
    expect(points.length, `points to crash at: ${name}`).toBeGreaterThan(5);
    return points.flatMap((point, index) =>
      depth > 1 || OF_CHANGE.test(point)
        ? (['before', 'after'] as const).map((side) => ({ name, crash: { at: index + 1, side } }))
        : [],
    );
  });
  const { struck, lines } = await crash(planned);
  for (const [position, { crash: at }] of planned.entries()) {
    expect(lines[position]?.died).toMatch(new RegExp(`^${at.side} ${at.at} `));
  }
  await rows(deps.db, `UPDATE subscription_changes SET asked_at = asked_at - interval '10 minutes'`);

  await atATime(8, [...struck.entries()], async ([position, { name, id, customer, wanted, seen }]) => {
    const where = `${name}, ${lines[position]?.died}`;
    // One half confirms the same again; the other wants something else, and finds what was begun made or dropped.
    const again = position % 4 < 2;
    if (again) {
      const end = await confirm(id, wanted, seen);
      expect([where, end]).toMatchObject([where, { end: 'made', change: { outcome: CASES[name].outcome } }]);
    } else {
      await somethingElse(id, where);
    }
    const ofChange = (await invoices(id)).filter(({ total }) => total === seen.total);
    expect([where, ofChange.length <= 1]).toEqual([where, true]);
    if (again) expect([where, ofChange.length]).toEqual([where, wanted.when === 'now' ? 1 : 0]);
    // Nothing is charged beside the invoices.
    const all = await invoices(id);
    const paid = all.reduce((sum, { amount_paid: amount }) => sum + amount, 0);
    const billed = all.reduce((sum, { status, total }) => sum + (status === 'paid' ? total : 0), 0);
    expect([where, paid + (await balanceOf(customer))]).toEqual([where, billed]);
  });
  console.log(`kill -9, changes of subscriptions: ${planned.length} faults tried`);
});

/** A planned change, and one that waits for its payment, stand in the way of others, and say so. */
async function somethingElse(id: string, where: string): Promise<void> {
  const wanted = { only: { quantity: 2 }, when: 'now' } as const;
  const end = await change(id, wanted).catch((error: unknown) => messageOf(error));
  if (typeof end === 'string') expect([where, end]).toEqual([where, expect.stringMatching(/managed by|waits for/)]);
  else expect([where, end.change.outcome]).toEqual([where, expect.stringMatching(/applied|waiting/)]);
}

async function balanceOf(id: string): Promise<number> {
  const customer = await stripe.customers.retrieve(id);
  if (customer.deleted) throw new Error(`${id} is gone`);
  return customer.balance;
}
