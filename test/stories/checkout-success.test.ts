import { describe, expect, test } from 'vitest';
import { closeEnded, decideSessions, walkSessions } from '../../src/billing/checkouts/follow-sessions.ts';
import { FULFILLED_WITHIN_SECONDS } from '../../src/billing/checkouts/session-outcome.ts';
import { openDeps } from '../../src/billing/open-deps.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { apiClient } from '../support/api-client.ts';
import { releaseAfterFile } from '../support/clean-up.ts';
import { until } from '../support/eventually.ts';
import { untilEventsDone } from '../support/one-invoice.ts';
import { ownInvoices } from '../support/own-invoices.ts';
import { policyFile } from '../support/policy-file.ts';
import { openCheckout, payCheckout } from '../support/purchases.ts';
import { startStory } from '../support/story.ts';
import { plansAccess, plansOf } from '../support/subscriptions.ts';

/** What became of checkouts, from Stripe's side to the figure; events come doubled and in any order. */
const POLICY = policyFile({
  access: plansAccess,
  eligibility: {
    rules: [{ name: 'the platform bills it', when: { metadata: { billed_by: 'platform' } }, action: 'skip' }],
    otherwise: 'invoice',
  },
});
const { side, records, api, settings, simulator } = await startStory({ workers: 1, env: { POLICY } });
const { deps, close } = openDeps(loadConfig({ ...settings, LOG_LEVEL: 'error' }), { name: 'test', connections: 4 });
releaseAfterFile(() => close());
const { stripe } = side;
const plans = await plansOf(side);
const app = await apiClient(deps.db, api.url, ['checkouts:write']);
await side.control('POST', '/_sim/webhooks', {
  shuffle: { seed: 11, window_ms: 60 },
  duplicates: { rate: 0.3, seed: 5, copies: 1 },
});

const settled = async () => {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: 10_000 });
  await untilEventsDone(records);
};
/** Stripe's list, walked to its end now, and decided. */
async function walked(): Promise<void> {
  await records.rows('update checkout_walk set due_at = now(), taken_until = null');
  await until(async () => {
    await walkSessions(deps);
    return (await records.row<{ done: boolean }>('select due_at > now() as done from checkout_walk')).done;
  });
  await decided();
}
/** The workers decide, too: what one of them has taken is not decided until it says so. */
async function decided(): Promise<void> {
  await records.rows('update checkout_sessions set look_at = now() where look_at is not null');
  await until(async () => {
    await decideSessions(deps.db);
    return (await records.rows('select from checkout_sessions where look_at <= now()')).length === 0;
  });
}
/** A quarter of an hour has passed since it was seen as paid. */
async function overdue(id: string): Promise<void> {
  await records.rows(`update checkout_sessions set decided_at = now() - make_interval(secs => $2) where id = $1`, [
    id,
    FULFILLED_WITHIN_SECONDS + 1,
  ]);
  await decided();
}
const becameOf = async (id: string) => {
  const row = await records.row<{ outcome: string; reason: string | null; failure_code: string | null }>(
    'select outcome, reason, failure_code from checkout_sessions where id = $1',
    [id],
  );
  return [row.outcome, row.reason, row.failure_code].filter((each) => each !== null).join(' ');
};
const pay = (session: string, choice = 'card') =>
  side.control('POST', '/_sim/checkout/pay', { session, choice, email: 'ada@example.com' });
const expire = (session: string) => stripe.checkout.sessions.expire(session);
/** A page of ours, of a reference of its own. */
let people = 0;
async function sold(): Promise<string> {
  people += 1;
  const body = { reference: `user-${people}`, plan: 'pro', success_url: 'https://app.example/welcome' };
  const { session } = (await app.ask('POST', '/v1/checkouts', body)).body as { session: string };
  return session;
}
const stateOf = async (session: string) =>
  (await records.row<{ state: string }>('select state from checkouts where session = $1', [session])).state;

// First: Stripe's clock is not ahead of ours yet, and takes the end of the page.
test('the payment page of an own invoice counts as well, once it is paid', async () => {
  const invoices = ownInvoices({ deps, side, simulator, settings });
  const session = await invoices.opened(await invoices.issued());
  await decided();
  expect(await becameOf(session)).toBe('open');
  await invoices.pay(session);
  await settled();
  await decided();
  expect(await becameOf(session)).toBe('succeeded');
});

describe('a session that somebody else has opened, found by the walk', () => {
  test('is open, then paid and documented', async () => {
    const { id } = await openCheckout(side);
    await walked();
    expect(await becameOf(id)).toBe('open');
    await payCheckout(side, id);
    await settled();
    await decided();
    expect(await becameOf(id)).toBe('succeeded');
  });

  test('declined, then paid: a success', async () => {
    const { id } = await openCheckout(side);
    await pay(id, 'declined');
    await pay(id);
    await settled();
    await walked();
    expect(await becameOf(id)).toBe('succeeded');
  });

  test('declined and left: a failure with the word of the bank, when it has expired', async () => {
    const { id } = await openCheckout(side);
    await pay(id, 'insufficient');
    await settled();
    await walked();
    expect(await becameOf(id)).toBe('open insufficient_funds');
    await expire(id);
    await settled();
    await decided();
    expect(await becameOf(id)).toBe('pending not_told insufficient_funds');
    await walked();
    expect(await becameOf(id)).toBe('failed declined insufficient_funds');
  });

  test('left before its bank has confirmed: a failure', async () => {
    const { id } = await openCheckout(side);
    await pay(id, 'authenticate');
    await settled();
    await walked();
    await expire(id);
    await walked();
    expect(await becameOf(id)).toBe('failed not_confirmed');
  });

  test('abandoned: no failure', async () => {
    const { id } = await openCheckout(side);
    await expire(id);
    await settled();
    await walked();
    expect(await becameOf(id)).toBe('abandoned');
  });

  test('paid by a debit that does not come', async () => {
    const { id } = await openCheckout(side);
    await pay(id, 'debit_fails');
    await settled();
    await walked();
    expect(await becameOf(id)).toBe('pending under_way');
    await side.control('POST', '/_sim/clock/advance', { seconds: 10 * 86_400 });
    await settled();
    await decided();
    expect(await becameOf(id)).toMatch(/^failed payment_failed/);
  });

  test('left out by a rule, it counts neither way', async () => {
    const { id } = await openCheckout(side, { payment_intent_data: { metadata: { billed_by: 'platform' } } });
    await pay(id);
    await settled();
    await walked();
    expect(await becameOf(id)).toBe('left_out');
  });

  test('with nothing to pay: a success', async () => {
    const coupon = await stripe.coupons.create({ percent_off: 100, duration: 'once' });
    const { id } = await openCheckout(side, { discounts: [{ coupon: coupon.id }] });
    await pay(id);
    await settled();
    await walked();
    expect(await becameOf(id)).toBe('succeeded');
  });

  test('of mode setup it is none', async () => {
    const { id } = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'eur',
      success_url: 'https://shop.example/',
    });
    await walked();
    expect(await records.rows('select from checkout_sessions where id = $1', [id])).toEqual([]);
  });
});

test('paid, and nobody works on it: a failure after a quarter of an hour, until it is done', async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const { id } = await openCheckout(side);
  await pay(id);
  await walked();
  expect(await becameOf(id)).toBe('pending in_work');
  await overdue(id);
  expect(await becameOf(id)).toBe('failed not_fulfilled');
  await decided();
  expect(await becameOf(id)).toBe('failed not_fulfilled');
  await side.control('POST', '/_sim/webhooks', { paused: false });
  await settled();
  await decided();
  expect(await becameOf(id)).toBe('succeeded');
});

describe('a page of ours', () => {
  test('is known at once, and its row is closed by the event', async () => {
    const session = await sold();
    await decided();
    expect(await becameOf(session)).toBe('open');
    await pay(session);
    await settled();
    expect(await stateOf(session)).toBe('complete');
    await decided();
    expect(await becameOf(session)).toBe('succeeded');
  });

  test('that has expired is closed as such', async () => {
    const session = await sold();
    await expire(session);
    await settled();
    expect(await stateOf(session)).toBe('expired');
    await walked();
    expect(await becameOf(session)).toBe('abandoned');
  });

  test('whose first payment is declined is a failure, although its session does not name the subscription', async () => {
    const session = await sold();
    await pay(session, 'insufficient');
    await settled();
    await expire(session);
    await settled();
    await walked();
    expect(await becameOf(session)).toBe('failed declined insufficient_funds');
  });

  test('whose events are lost is closed by the walk, after its subscription is on record', async () => {
    const session = await sold();
    await side.control('POST', '/_sim/webhooks', { paused: true });
    await pay(session);
    await walked();
    await until(async () => {
      await closeEnded(deps);
      return (await stateOf(session)) === 'complete';
    });
    const { subscription } = await stripe.checkout.sessions.retrieve(session);
    expect(await records.rows('select id from subscriptions where id = $1', [String(subscription)])).toHaveLength(1);
    await decided();
    expect(await becameOf(session)).toBe('succeeded');
    await side.control('POST', '/_sim/webhooks', { paused: false });
    await settled();
  });
});

test('paid, and nobody knows to whom the access goes: a failure until a person answers', async () => {
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: plans.pro.id, quantity: 1 }],
    success_url: 'https://shop.example/',
  });
  await pay(session.id);
  await settled();
  await walked();
  expect(await becameOf(session.id)).toBe('pending in_work');
  await overdue(session.id);
  expect(await becameOf(session.id)).toBe('failed question');
  const { subject } = await records.row<{ subject: string }>(
    `select subject from review_items where kind = 'subscription_without_reference' and state = 'open'`,
  );
  await records.rows(
    `insert into access_assignments (cause, reference, assigned_by, reason) values ('subscription:' || $1, 'user-q', 'test', 'asked')`,
    [subject],
  );
  await deps.db.transaction((trx) => deps.changed(trx, { record: 'subscription', id: subject }));
  await decided();
  expect(await becameOf(session.id)).toBe('succeeded');
});

test('the event of a session that is nobody’s here touches no row', async () => {
  const before = await records.rows('select id, state, closed_at from checkouts order by id');
  const { id } = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 500, product_data: { name: 'A pen' } } }],
    success_url: 'https://shop.example/',
  });
  await expire(id);
  await settled();
  expect(await records.rows('select id, state, closed_at from checkouts order by id')).toEqual(before);
  expect(await records.rows('select from checkout_sessions where id = $1', [id])).toEqual([]);
});
