import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { WantedChange } from '../../src/billing/changes/wanted-change.ts';
import { rows } from '../../src/platform/db.ts';
import { billingUnderTest } from '../support/billing-deps.ts';
import { changesOf } from '../support/changes.ts';
import { policyFile } from '../support/policy-file.ts';
import { depth, propertyRun } from '../support/property.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** Random changes, several in a period: what was shown is what is charged, to the cent, and all of it together. */
const HISTORIES = 14;
const billing = await billingUnderTest({ POLICY: policyFile({ access: plansAccess }) });
const { deps, side } = billing;
const plans = await plansOf(side);
const { begun, change, invoices, pass } = changesOf(billing);

const HOUR = 3_600;
const items = fc.uniqueArray(fc.constantFrom('basic', 'pro', 'seats'), { minLength: 1, maxLength: 3 });
const step = fc.record({
  /** Of the period of a month, so that four of them stay within it. */
  hours: fc.integer({ min: 1, max: 160 }),
  which: fc.nat(2),
  plan: fc.constantFrom('basic', 'pro', 'seats'),
  quantity: fc.integer({ min: 1, max: 9 }),
  what: fc.constantFrom('plan', 'quantity', 'both', 'add', 'remove'),
});
const history = fc.record({
  mode: fc.constantFrom('flexible' as const, 'classic' as const),
  items,
  quantity: fc.integer({ min: 1, max: 5 }),
  balance: fc.constantFrom(0, 0, -1_500, 700),
  steps: fc.array(step, { minLength: 2, maxLength: 4 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

let changed = 0;

test('what is charged is what was previewed, whatever is changed and however often', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ mode, items: names, quantity, balance, steps }) => {
      const { id, customer } = await begun(
        names.map((name) => ({ price: priceOf(name), quantity })),
        { billing_mode: { type: mode } },
      );
      if (balance !== 0) {
        await side.stripe.customers.createBalanceTransaction(customer, { amount: balance, currency: 'eur' });
      }
      const [first] = await invoices(id);
      let previewed = first?.total ?? 0;
      for (const each of steps) {
        await pass(each.hours * HOUR);
        const wanted = await wantedBy(each, id);
        const before = (await invoices(id)).length;
        const { seen, change: made } = await change(id, wanted);
        const [charged, ...more] = (await invoices(id)).slice(before);
        expect(more).toEqual([]);
        expect([charged?.amount_due ?? 0, charged?.total ?? 0]).toEqual([seen.dueNow, seen.total]);
        expect(charged?.amount_paid ?? 0).toBe(seen.dueNow);
        expect(lines(charged?.lines.data ?? [])).toEqual(lines(seen.lines));
        expect([made.charged_due, made.charged_total, made.outcome]).toEqual([seen.dueNow, seen.total, 'applied']);
        previewed += seen.total;
        changed += 1;
      }
      const all = await invoices(id);
      expect(all.reduce((sum, { total }) => sum + total, 0)).toBe(previewed);
      // What was charged, and what the balance has paid or keeps, is all of it.
      const { balance: kept } = await retrieve(customer);
      const paid = all.reduce((sum, { amount_paid: amount }) => sum + amount, 0);
      expect(paid + (kept - balance)).toBe(previewed);
    }),
    propertyRun(HISTORIES * depth),
  );
  console.log(`changes of subscriptions: ${changed} previewed and charged`);
  expect(changed).toBeGreaterThanOrEqual(2 * HISTORIES * depth);
  expect(await rows(deps.db, `SELECT FROM subscription_changes WHERE state <> 'done'`)).toEqual([]);
});

/** Where it would change nothing, or leave nothing, the quantity changes. */
async function wantedBy({ which, plan, quantity, what }: Step, id: string): Promise<WantedChange> {
  const { data } = (await side.stripe.subscriptions.retrieve(id)).items;
  const at = data[which % data.length];
  if (!at) throw new Error(`${id} has no item`);
  const has = new Set(data.map(({ price }) => price.id));
  const isOther = at.price.id !== priceOf(plan) && !has.has(priceOf(plan));
  const of = (terms: object): WantedChange => ({ items: [{ item: at.id, ...terms }], when: 'now' });
  const other = of({ quantity: at.quantity === quantity ? quantity + 1 : quantity });
  switch (what) {
    case 'plan':
      return isOther ? of({ plan }) : other;
    case 'quantity':
      return other;
    case 'both':
      return isOther ? of({ plan, quantity }) : other;
    case 'add':
      return has.has(priceOf(plan)) ? other : { items: [{ plan, quantity }], when: 'now' };
    case 'remove':
      return data.length > 1 ? { items: [{ item: at.id, remove: true }], when: 'now' } : other;
  }
}

function priceOf(name: 'basic' | 'pro' | 'seats'): string {
  return plans[name].id;
}

function lines(all: readonly { description: string | null; amount: number }[]): string[] {
  return all.map(({ description, amount }) => `${description} ${amount}`).sort();
}

async function retrieve(id: string): Promise<{ balance: number }> {
  const customer = await side.stripe.customers.retrieve(id);
  if (customer.deleted) throw new Error(`${id} is gone`);
  return customer;
}
