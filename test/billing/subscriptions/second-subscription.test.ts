import { describe, expect, test } from 'vitest';
import { billsAgain, secondSubscriptions } from '../../../src/billing/subscriptions/second-subscription.ts';
import { STATUSES, type Subscription } from '../../../src/billing/subscriptions/subscription.ts';
import { april, item, march, may, price, subscription } from '../../support/subscription-records.ts';

/** Which subscriptions of one reference bill a product once more, as a table. */
const of = (product: string) => item({ price: price({ product }) });
const sub = (id: string, created: Date, ...products: string[]) =>
  subscription({ id, created, items: products.map(of) });

describe('the second of a product', () => {
  const first = sub('sub_1', march, 'pro');
  const second = sub('sub_2', april, 'pro');
  const third = sub('sub_3', may, 'pro');
  const found = (subscription: string, other: string, product = 'pro') => ({ subscription, other, product });

  test.each<[string, Subscription[], object[]]>([
    ['there is one', [first], []],
    ['is the one that began later, in whatever order they come', [second, first], [found('sub_2', 'sub_1')]],
    [
      'of three, two are, each beside the first',
      [third, first, second],
      [found('sub_2', 'sub_1'), found('sub_3', 'sub_1')],
    ],
    [
      'of the same moment, the order is that of their ids',
      [second, sub('sub_0', april, 'pro')],
      [found('sub_2', 'sub_0')],
    ],
    ['another product is none', [first, sub('sub_2', april, 'basic')], []],
    [
      'any item of it counts',
      [sub('sub_1', march, 'seats', 'pro'), sub('sub_2', april, 'storage', 'pro')],
      [found('sub_2', 'sub_1')],
    ],
    ['two items of one subscription are one', [sub('sub_1', march, 'pro', 'pro')], []],
    [
      'each product has its own first',
      [first, sub('sub_2', april, 'basic'), sub('sub_3', may, 'basic', 'pro')],
      [found('sub_3', 'sub_2', 'basic')],
    ],
    ['one that has ended is none', [{ ...first, status: 'canceled' }, second], []],
  ])('%s', (_, subscriptions, seconds) => {
    expect(secondSubscriptions(subscriptions)).toEqual(seconds);
  });
});

describe('whether it is billed again', () => {
  test('by its status', () => {
    expect(STATUSES.filter((status) => billsAgain(subscription({ status })))).toEqual([
      'trialing',
      'active',
      'past_due',
      'unpaid',
      'paused',
    ]);
  });

  test.each<[string, Partial<Subscription>, boolean]>([
    ['one whose collection is paused may be', { pauseCollection: 'void' }, true],
    ['one that ends with its period is not', { cancelAtPeriodEnd: true }, false],
    ['one that ends with its period, as flexible ones say it, is not', { cancelAt: april }, false],
    ['one that ends later is', { cancelAt: may }, true],
    [
      'one of several periods that ends with its period ends with the first of them, and is not',
      { cancelAtPeriodEnd: true, items: [item(), item({ id: 'si_2', periodEnd: may })] },
      false,
    ],
    [
      'one of several periods that ends with the last of them is, for the first of them comes round again',
      { cancelAt: may, items: [item(), item({ id: 'si_2', periodEnd: may })] },
      true,
    ],
  ])('%s', (_, says, bills) => {
    expect(billsAgain(subscription(says))).toBe(bills);
  });
});
