import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { checkout } from '../../bin/lib/checkout.ts';
import { stripeEvents } from '../../src/billing/stripe-events.ts';
import { eventAbout, scenarios } from '../fixtures/scenarios.ts';
import { inVariant, variants } from '../fixtures/variants.ts';
import { atATime, post } from '../support/deliveries.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import type { StripeEvent } from '../support/simulated-stripe.ts';
import { startStory } from '../support/story.ts';

/**
 * Recorded event bodies of each type that we listen to, each in several shapes, given to the real receiver and worker. Every
 * body gets a payment of its own, of which it is the only event that arrives: the ids in it are exchanged for that payment's.
 */
const { side, records, api, webhookSecret } = await startStory({ workers: 2 });

/** Of payments; a page that was left speaks of none. */
const types = Object.entries(stripeEvents).flatMap(([type, { ofPayment }]) =>
  ofPayment && type !== 'checkout.session.expired' ? [type] : [],
);

/** What comes of it when it is the only event of its payment. */
const outcomes: Readonly<Record<string, string>> = {
  'checkout.session.async_payment_failed': 'ignored: the payment is requires_payment_method',
  'payment_intent.payment_failed': 'ignored: the payment is requires_payment_method',
  'charge.updated': 'ignored: the payment does not wait for its booking',
  'refund.created': 'processed: credit note',
  'refund.updated': 'processed: credit note',
  'refund.failed': 'ignored: the refund is failed: the money is still here',
  'charge.refunded': 'processed: credit note',
  'charge.refund.updated': 'processed: credit note',
  'charge.dispute.created': 'ignored: the dispute is needs_response',
  'charge.dispute.updated': 'ignored: the dispute is under_review',
  'charge.dispute.funds_withdrawn': 'ignored: the dispute is needs_response',
  'charge.dispute.funds_reinstated': 'ignored: the dispute was won',
  'charge.dispute.closed': 'processed: credit note',
};

type Given = { type: string; variant: string; event: string; payment: string };
const given: Given[] = [];

beforeAll(async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const combinations = types.flatMap((type) => Object.keys(variants).map((variant) => ({ type, variant })));
  const payments = await atATime(8, combinations, async ({ type }) => (await scenarios[type]?.(side)) ?? '');
  const events = await side.events();
  const bodies = combinations.map(({ type, variant }, number) => {
    const own = eventAbout(events, type, payments[number] ?? '');
    const text = grafted(recorded(type), own);
    given.push({ type, variant, event: own.id, payment: payments[number] ?? '' });
    return inVariant(variant, text);
  });
  const answers = await atATime(8, bodies, (body) => post(api, body, webhookSecret));
  expect(answers.filter((answer) => answer !== 200)).toEqual([]);
  await untilEventsDone(records, 60_000);
  console.log(`real input: ${bodies.length} bodies of ${types.length} types`);
}, 300_000);

function recorded(type: string): string {
  return readFileSync(join(checkout, 'test/fixtures/events', `${type}.json`), 'utf8');
}

/** The recorded body with the ids of another payment: its own, its charge's and the object's. */
function grafted(text: string, own: StripeEvent): string {
  const then: StripeEvent = JSON.parse(text);
  const ids = [[then.id, own.id]];
  for (const field of ['id', 'payment_intent', 'charge', 'latest_charge']) {
    ids.push([String(then.data.object[field]), String(own.data.object[field])]);
  }
  return ids.reduce(
    (body, [old = '', now = '']) => (/^[a-z]+_\w*\d/.test(old) ? body.replaceAll(old, now) : body),
    text,
  );
}

test('there is a recorded body of each type (node test/fixtures/record.ts)', () => {
  expect(Object.keys(scenarios).sort()).toEqual([...types].sort());
  for (const type of types) expect(JSON.parse(recorded(type))).toMatchObject({ object: 'event', type });
});

test.each(types)('%s, in every shape, does what it should', async (type) => {
  const mine = given.filter((one) => one.type === type);
  expect(mine.map(({ variant }) => variant)).toEqual(Object.keys(variants));
  for (const { variant, event, payment } of mine) {
    const stored = await records.row<{ end: string; about: string; api_version: string; size: number }>(
      `select outcome || ': ' || reason as end, payment_intent as about, api_version, length(payload::text) as size
       from stripe_events where id = $1`,
      [event],
    );
    expect(stored.end, variant).toMatch(new RegExp(`^${outcomes[type] ?? 'processed: invoice '}`));
    expect(stored.about, variant).toBe(payment);
    if (variant.startsWith('as of')) expect(variant).toBe(`as of ${stored.api_version}`);
    if (variant.includes('200 kB')) expect(stored.size).toBeGreaterThan(200_000);
  }
});

test('each payment that came through has one invoice of what was received', async () => {
  const wrong = await records.rows(
    `select y.payment_intent, y.amount_received, i.total, i.step, count(i.id) from payments y
     left join payment_invoices i using (account, payment_intent)
     where y.status = 'succeeded' group by 1, 2, 3, 4
     having count(i.id) <> 1 or i.step <> 'paid' or i.total <> y.amount_received`,
  );
  expect(wrong).toEqual([]);
  const invoices = await side.stripe.invoices.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
  const succeeded = await records.rows(`select from payments where status = 'succeeded'`);
  expect(invoices).toHaveLength(succeeded.length);
});
