import fc from 'fast-check';
import type Stripe from 'stripe';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../../support/eventually.ts';
import { depth, propertyRun } from '../../support/property.ts';
import { type Simulated, simulated } from '../invoicing/simulated.ts';
import { HOUR, invoicesOf, priceOf, useCard } from './subscribed.ts';

/** What is never different, whatever changes in whatever order: a preview is the invoice that comes of it. */

let sim: Simulated;
let stripe: Stripe;
/** Monthly amounts in minor units, and their prices. */
const monthly = [0, 333, 999, 1000, 4321, 25_000];
let prices: string[];

beforeAll(async () => {
  sim = await simulated();
  stripe = sim.stripe;
  prices = await Promise.all(monthly.map((amount) => priceOf(sim, amount)));
});

type Behavior = 'always_invoice' | 'create_prorations' | 'none';

interface Step {
  /** The part of what is left of the period that passes before. */
  wait: number;
  price: number;
  quantity: number;
  behavior: Behavior;
  extra: boolean;
}

interface History {
  mode: 'classic' | 'flexible';
  off: number;
  steps: Step[];
}

const behaviors = fc.constantFrom<Behavior>('always_invoice', 'create_prorations', 'none');

const history = (behavior: fc.Arbitrary<Behavior>, cheapest: number): fc.Arbitrary<History> =>
  fc.record({
    mode: fc.constantFrom('classic', 'flexible'),
    off: fc.constantFrom(0, 0, 15),
    steps: fc.array(
      fc.record({
        wait: fc.double({ min: 0.01, max: 0.6, noNaN: true }),
        price: fc.integer({ min: cheapest, max: monthly.length - 1 }),
        quantity: fc.integer({ min: 1, max: 7 }),
        behavior,
        extra: fc.boolean(),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  });

const priceAt = (index: number): string => prices[index] ?? '';
/** A subscription in a time that stands still: what is previewed and what is made happen in the same second. */
interface Begun {
  clock: string;
  id: string;
  item: string;
  start: number;
  end: number;
}

const START = Date.UTC(2027, 0, 31, 12) / 1000;

const now = async ({ clock }: Begun): Promise<number> =>
  (await stripe.testHelpers.testClocks.retrieve(clock)).frozen_time;

async function moveTo({ clock }: Begun, frozen_time: number): Promise<void> {
  await stripe.testHelpers.testClocks.advance(clock, { frozen_time });
  await until(async () => (await stripe.testHelpers.testClocks.retrieve(clock)).status === 'ready', { interval: 2 });
}

/** A part of what is left of the period passes. */
async function wait(begun: Begun, part: number): Promise<void> {
  const at = await now(begun);
  await moveTo(begun, at + Math.max(1, Math.floor((begun.end - at) * part)));
}

async function begin({ mode, off }: History): Promise<Begun> {
  const { id: clock } = await stripe.testHelpers.testClocks.create({ frozen_time: START });
  const { id: customer } = await stripe.customers.create({ test_clock: clock });
  await useCard(stripe, customer, 'pm_card_visa');
  const coupon = off === 0 ? undefined : await stripe.coupons.create({ percent_off: off, duration: 'forever' });
  const { id, items } = await stripe.subscriptions.create({
    customer,
    items: [{ price: priceAt(3) }],
    billing_mode: { type: mode },
    ...(coupon === undefined ? {} : { discounts: [{ coupon: coupon.id }] }),
  });
  const [item] = items.data;
  if (item === undefined) throw new Error('The subscription has no item');
  return { clock, id, item: item.id, start: item.current_period_start, end: item.current_period_end };
}

/** The change as it is previewed, and as it is made: the same parameters. */
async function change(begun: Begun, step: Step): Promise<{ preview: Stripe.Invoice; before: number }> {
  const { id, item } = begun;
  const { items } = await stripe.subscriptions.retrieve(id);
  const others = items.data.filter((one) => one.id !== item).map((one) => ({ id: one.id, deleted: true }));
  const taken = [items.data.find((one) => one.id === item)?.price.id, priceAt(step.price)];
  const further = prices.find((price) => !taken.includes(price) && !items.data.some((one) => one.price.id === price));
  const extra = step.extra && others.length === 0 && further !== undefined ? [{ price: further }] : others;
  const wanted = {
    items: [{ id: item, price: priceAt(step.price), quantity: step.quantity }, ...extra],
    proration_behavior: step.behavior,
    proration_date: await now(begun),
  };
  const preview = await stripe.invoices.createPreview({ subscription: id, subscription_details: wanted });
  const before = (await invoicesOf(sim, id)).length;
  await stripe.subscriptions.update(id, wanted);
  return { preview, before };
}

function figures(invoice: Stripe.Invoice | undefined): object {
  return {
    lines: invoice?.lines.data.map(({ amount, description, period }) => ({ amount, description, period })),
    total: invoice?.total,
    due: invoice?.amount_due,
  };
}

test('each preview of a change is the invoice that comes of it, at once or with the next period', async () => {
  await fc.assert(
    fc.asyncProperty(history(behaviors, 0), async (told) => {
      const begun = await begin(told);
      const { id } = begun;
      for (const step of told.steps) {
        await wait(begun, step.wait);
        const { preview, before } = await change(begun, step);
        const invoices = await invoicesOf(sim, id);
        // What comes of no change at once is what the next period will bring.
        const atOnce = preview.created <= (await now(begun));
        expect(invoices).toHaveLength(before + (atOnce ? 1 : 0));
        if (atOnce) expect(figures(invoices.at(-1))).toEqual(figures(preview));
        else expect(figures(await stripe.invoices.createPreview({ subscription: id }))).toEqual(figures(preview));
      }
      const last = await stripe.invoices.createPreview({ subscription: id });
      const known = (await invoicesOf(sim, id)).length;
      await moveTo(begun, last.created + HOUR);
      expect(figures((await invoicesOf(sim, id))[known])).toEqual(figures(last));
    }),
    propertyRun(15 * depth),
  );
});

test('what flexible billing has charged for a period is what each of its seconds cost', async () => {
  const invoiced = history(fc.constant<Behavior>('always_invoice'), 1).map((told): History => {
    const steps = told.steps.map((step) => ({ ...step, extra: false }));
    return { ...told, mode: 'flexible', steps };
  });
  await fc.assert(
    fc.asyncProperty(invoiced, async (told) => {
      const begun = await begin(told);
      const { id, start, end } = begun;
      let [cost, from, amount] = [0, start, 1000];
      for (const step of told.steps) {
        await wait(begun, step.wait);
        await change(begun, step);
        const moment = await now(begun);
        cost += (amount * (moment - from)) / (end - start);
        [from, amount] = [moment, (monthly[step.price] ?? 0) * step.quantity];
      }
      cost += (amount * (end - from)) / (end - start);
      const charged = (await invoicesOf(sim, id)).reduce((sum, { total }) => sum + total, 0);
      // Each change rounds twice, and the last charge once more.
      const expected = (cost * (100 - told.off)) / 100;
      expect(Math.abs(charged - expected)).toBeLessThanOrEqual(told.steps.length * 1.5 + 1);
    }),
    propertyRun(15 * depth),
  );
});
