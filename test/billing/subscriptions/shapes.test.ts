import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { checkout } from '../../../bin/lib/checkout.ts';
import { Conformance } from '../../../simulator/core/conformance.ts';
import { grantsOfSubscription } from '../../../src/billing/access/subscription-access.ts';
import { accessPolicy } from '../../../src/billing/policy/access.ts';
import { invoiceOf, subscriptionOf } from '../../../src/billing/subscriptions/from-stripe.ts';
import { plansAccess } from '../../support/subscriptions.ts';
import { orWhySkipped } from '../../support/why-skipped.ts';

/**
 * Recorded answers about subscriptions, in the shapes that Stripe's API has since 2025-03-31 (node test/fixtures/record-shapes.ts):
 * where a period, a payment and a subscription stand now, and what is to be made of them.
 */
interface Shape<Body> {
  readonly path: string;
  readonly body: Body;
}
const folder = join(checkout, 'test/fixtures/shapes');
const names = readdirSync(folder).map((file) => file.replace('.json', ''));

function textOf(name: string): string {
  return readFileSync(join(folder, `${name}.json`), 'utf8');
}
function subscriptionIn(name: string): Stripe.Subscription {
  const shape: Shape<Stripe.Subscription> = JSON.parse(textOf(name));
  return shape.body;
}
function invoiceIn(name: string): Stripe.Invoice {
  const shape: Shape<Stripe.Invoice> = JSON.parse(textOf(name));
  return shape.body;
}
const read = (subscription: Stripe.Subscription) =>
  subscriptionOf({
    subscription,
    customer: null,
    items: subscription.items.data,
    latestInvoice: null,
    testClock: null,
  });
const readInvoice = (invoice: Stripe.Invoice) =>
  invoiceOf({ invoice, lines: invoice.lines.data, failures: [], testClock: null });

const conformance = Conformance.fromEnvironment(() => {});
const lacking = conformance ? undefined : 'STRIPE_CONTRACT_DIR names no description of the Stripe API';
describe.skipIf(!conformance)(orWhySkipped('Stripe’s contract has the shape', lacking), () => {
  test.each(names)('%s', (name) => {
    const { path, body }: Shape<object> = JSON.parse(textOf(name));
    conformance?.clear();
    conformance?.check('GET', path, '', 200, JSON.stringify(body));
    expect(conformance?.violations).toEqual([]);
    expect(conformance?.responses).toBe(1);
  });
});

describe('the period', () => {
  test('stands with each item, not with the subscription, and items may differ', () => {
    const live = subscriptionIn('subscription-of-two-intervals');
    expect(live).not.toHaveProperty('current_period_end');
    const { items } = read(live);
    const [month, year] = items.map(({ periodEnd }) => periodEnd.getTime());
    expect((year ?? 0) - (month ?? 0)).toBeGreaterThan(300 * 86_400_000);
  });

  test('of what is given is that of its own item: the plan until the end of its year, seats until the end of the month', () => {
    const live = subscriptionIn('subscription-of-two-intervals');
    const invoice = readInvoice(invoiceIn('invoice-of-subscription'));
    const subscription = read(live);
    const prices = new Map(subscription.items.map(({ price }) => [price.id, price]));
    const records = { subscription, invoices: invoice ? [invoice] : [], prices, takenBack: new Set<string>() };
    const grants = grantsOfSubscription(records, accessPolicy.parse(plansAccess));
    const until = Object.fromEntries(grants.map((grant) => [grant.feature, grant.until]));
    const [month, year] = subscription.items.map(({ periodEnd }) => periodEnd);
    expect(until).toEqual({ basic: year, pro: year, seats: month });
  });
});

describe('the plan', () => {
  test('is not what stands first: a metered add-on before it takes nothing away', () => {
    const subscription = read(subscriptionIn('subscription-metered-first'));
    expect(subscription.items.map(({ quantity, price }) => [price.usageType, quantity])).toEqual([
      ['metered', null],
      ['licensed', 1],
    ]);
    const invoice = readInvoice(invoiceIn('invoice-of-subscription'));
    const lines = invoice?.lines.map((line, at) => ({ ...line, item: subscription.items[at]?.id ?? null })) ?? [];
    const prices = new Map(subscription.items.map(({ price }) => [price.id, price]));
    const records = {
      subscription,
      invoices: invoice ? [{ ...invoice, lines }] : [],
      prices,
      takenBack: new Set<string>(),
    };
    const grants = grantsOfSubscription(records, accessPolicy.parse(plansAccess));
    expect(grants.map(({ feature }) => feature).sort()).toEqual(['basic', 'pro']);
  });
});

describe('the payment of an invoice', () => {
  test('is one of its payments; invoices have no payment intent of their own any more', () => {
    const live = invoiceIn('invoice-of-subscription');
    expect(live).not.toHaveProperty('payment_intent');
    expect(live.payments?.data.map(({ status, payment }) => [status, payment.type])).toEqual([
      ['paid', 'payment_intent'],
    ]);
    expect(readInvoice(live)).toMatchObject({ status: 'paid', amountOffStripe: 0 });
    const { latest_invoice: latest } = subscriptionIn('subscription-of-two-intervals');
    expect(latest).not.toHaveProperty('payment_intent');
    expect(latest).toHaveProperty('confirmation_secret');
  });

  test('that was made elsewhere is not among them', () => {
    const live = invoiceIn('invoice-of-subscription');
    const elsewhere = { ...live, payments: { object: 'list' as const, url: '', has_more: false, data: [] } };
    expect(readInvoice(elsewhere)).toMatchObject({ amountOffStripe: live.amount_paid });
  });
});

describe('the subscription of an invoice', () => {
  test('stands in its parent', () => {
    const live = invoiceIn('invoice-of-subscription');
    expect(live).not.toHaveProperty('subscription');
    expect(readInvoice(live)?.subscription).toBe(subscriptionIn('subscription-of-two-intervals').id);
  });

  test.each(['invoice-of-nothing', 'invoice-of-a-quote'])('is none of %s, which is no failure', (name) => {
    expect(readInvoice(invoiceIn(name))).toBeUndefined();
  });
});

test('prorations are told by their lines, whether they have waited as items or not', () => {
  const live = invoiceIn('invoice-with-prorations');
  const details = live.lines.data.map(({ parent }) => parent?.subscription_item_details);
  expect(new Set(details.map((each) => each?.invoice_item === null))).toEqual(new Set([true, false]));
  const kept = readInvoice(live);
  expect(kept?.lines.map(({ proration, item }) => [proration, item])).toEqual(
    live.lines.data.map(({ description }, at) => [
      /^(Unused|Remaining)/.test(description ?? ''),
      details[at]?.subscription_item,
    ]),
  );
  expect(kept?.lines.every(({ price }) => price !== null)).toBe(true);
});

test('a line of an item that is of no subscription’s item has no item, and its price counts', () => {
  const live = invoiceIn('invoice-with-prorations');
  const loose = live.lines.data.map((line) => ({
    ...line,
    parent: {
      type: 'invoice_item_details' as const,
      subscription_item_details: null,
      invoice_item_details: { invoice_item: 'ii_1', proration: true, proration_details: null, subscription: 'sub_1' },
    },
  }));
  const kept = readInvoice({ ...live, lines: { ...live.lines, data: loose } });
  expect(kept?.lines.map(({ item, proration, price }) => [item, proration, price === null])).toEqual(
    loose.map(() => [null, true, false]),
  );
});
