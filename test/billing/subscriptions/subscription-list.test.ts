import { describe, expect, test } from 'vitest';
import { writeCatalog } from '../../../src/billing/subscriptions/prices.ts';
import { pageOfSubscriptions, statusesOf } from '../../../src/billing/subscriptions/subscription-list.ts';
import { writeSubscription } from '../../../src/billing/subscriptions/subscriptions.ts';
import { rows } from '../../../src/platform/db.ts';
import { billingUnderTest } from '../../support/billing-deps.ts';
import { item, price, subscription } from '../../support/subscription-records.ts';

/** The list of subscriptions, as people look through it. */
const { deps } = await billingUnderTest();
const { db } = deps;
const day = (number: number) => new Date(Date.UTC(2026, 2, number));

const kept = [
  subscription({ id: 'sub_1', customer: 'cus_a', email: 'ada@example.com', created: day(1) }),
  subscription({ id: 'sub_2', customer: 'cus_b', email: 'bob_1@example.com', created: day(2), status: 'unpaid' }),
  subscription({ id: 'sub_3', customer: 'cus_b', email: 'bob_1@example.com', created: day(2), status: 'past_due' }),
  subscription({ id: 'sub_4', customer: 'cus_c', email: null, created: day(3), status: 'paused' }),
  subscription({ id: 'sub_5', customer: 'cus_d', email: 'bobX1@example.com', created: day(4), status: 'incomplete' }),
];
await writeCatalog(db, [], [item(), item({ price: price({ id: 'price_more' }) })], new Date());
await db.transaction(async (trx) => {
  for (const each of kept) {
    const items = [
      item({ id: `si_${each.id}` }),
      item({ id: `si_more_${each.id}`, price: price({ id: 'price_more' }) }),
    ];
    await writeSubscription(trx, { ...each, items }, new Date());
  }
});
await rows(db, `INSERT INTO customers (stripe_customer, reference, mapped_by) VALUES ('cus_a', 'user-a', 'test')`);
await rows(
  db,
  `INSERT INTO access_grants (cause, feature, reference) VALUES ('subscription:sub_2', 'pro', 'user-b'), ('subscription:sub_1', 'pro', 'user-other')`,
);
await rows(
  db,
  `INSERT INTO access_assignments (cause, reference, reason, assigned_by) VALUES
   ('subscription:sub_3', 'user-said', 'asked him', 'test'), ('subscription:sub_1', NULL, 'a test of ours', 'test')`,
);

async function ids(filter: Parameters<typeof pageOfSubscriptions>[1], asked: object = {}) {
  const page = await pageOfSubscriptions(db, filter, { limit: 50, ...asked });
  return page?.rows.map(({ id }) => id);
}

test('the newest comes first, and of the same moment the higher id', async () => {
  expect(await ids({})).toEqual(['sub_5', 'sub_4', 'sub_3', 'sub_2', 'sub_1']);
});

test('each has all its items with their prices', async () => {
  const page = await pageOfSubscriptions(db, {}, { limit: 50 });
  expect(page?.rows.map(({ items }) => items.map((each) => each.price.id))).toEqual(
    kept.map(() => ['price_more', 'price_pro']),
  );
});

test('pages go on and back by key, and one from nowhere is told', async () => {
  const first = await pageOfSubscriptions(db, {}, { limit: 2 });
  expect(first).toMatchObject({ rows: [{ id: 'sub_5' }, { id: 'sub_4' }], hasBefore: false, hasAfter: true });
  expect(await ids({}, { limit: 2, after: 'sub_4' })).toEqual(['sub_3', 'sub_2']);
  expect(await ids({}, { limit: 2, before: 'sub_2' })).toEqual(['sub_4', 'sub_3']);
  expect(await ids({}, { after: 'sub_none' })).toBeUndefined();
  expect(await ids({}, { after: 'sub_sched_1' })).toBeUndefined();
});

test.each([
  ['active', ['sub_1']],
  ['past_due', ['sub_3', 'sub_2']],
  ['canceled', ['sub_4']],
  ['none', ['sub_5']],
  ['trialing', []],
] as const)('%s are %j', async (standing, expected) => {
  expect(await ids({ standing })).toEqual(expected);
});

test('each status of Stripe stands somewhere, and in one place', () => {
  const standings = ['none', 'trialing', 'active', 'past_due', 'canceled'] as const;
  expect(standings.flatMap(statusesOf).sort()).toEqual(
    ['incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'canceled', 'paused'].sort(),
  );
});

test.each([
  ['a subscription', 'sub_4', ['sub_4']],
  ['a customer', 'cus_b', ['sub_3', 'sub_2']],
  ['a part of an e-mail address, in either case', 'ADA@', ['sub_1']],
  ['a part in which _ is no wildcard', 'bob_1', ['sub_3', 'sub_2']],
  ['as whom its customer is known', 'user-a', ['sub_1']],
  ['to whom it gives something', 'user-b', ['sub_2']],
  ['whose it is by the word of a person', 'user-said', ['sub_3']],
  ['a part of a reference', 'user-', []],
])('is searched by %s', async (_what, search, expected) => {
  expect(await ids({ search })).toEqual(expected);
});

describe('whose it is', () => {
  const of = async (id: string) => (await pageOfSubscriptions(db, { search: id }, { limit: 1 }))?.rows[0]?.reference;

  test('a person says, also that it is nobody’s', async () => {
    expect([await of('sub_3'), await of('sub_1')]).toEqual(['user-said', null]);
  });

  test('else to whom it gives something, else as whom the customer is known, else nobody knows', async () => {
    await rows(
      db,
      `INSERT INTO customers (stripe_customer, reference, mapped_by) VALUES ('cus_b', 'user-z', 'test'), ('cus_d', 'user-d', 'test')`,
    );
    expect([await of('sub_2'), await of('sub_5'), await of('sub_4')]).toEqual(['user-b', 'user-d', null]);
  });
});
