import { describe, expect, test } from 'vitest';
import { knownTypes, listenerOf, routeOf, stripeEvents } from '../../src/billing/stripe-events.ts';
import { isQueueName } from '../../src/jobs/queues.ts';

describe('the route of an event type', () => {
  test.each(Object.keys(stripeEvents))('%s has a queue that exists, as a snapshot and as a thin event', (type) => {
    expect(routeOf(type)?.queue).toSatisfy(isQueueName);
    expect(routeOf(`v1.${type}`)).toBe(routeOf(type));
  });

  test.each([
    '',
    'v1.',
    'customer.source.created',
    'v2.core.account.created',
    'constructor',
    '__proto__',
    'v1.toString',
    'v1.v1.charge.succeeded',
    'Charge.Succeeded',
  ])('%j has none', (type) => {
    expect(routeOf(type)).toBeUndefined();
  });
});

describe('a stored event of a type', () => {
  const retired = ['order.payment_failed'];

  test.each([
    ['charge.succeeded', 'here'],
    ['v1.charge.succeeded', 'here'],
    ['order.payment_failed', 'nobody_any_more'],
    ['v1.order.payment_failed', 'nobody_any_more'],
    ['v1.v1.order.payment_failed', 'newer_release'],
    ['invoice.overpaid', 'newer_release'],
    ['v1.invoice.overpaid', 'newer_release'],
    ['v2.core.account.created', 'newer_release'],
    ['constructor', 'newer_release'],
  ] as const)('%s is listened to: %s', (type, listens) => {
    expect(listenerOf(type, retired).listens).toBe(listens);
  });

  test('that this release can end is swept by it, under both of its names', () => {
    for (const type of knownTypes.all) expect(listenerOf(type).listens).not.toBe('newer_release');
    expect(knownTypes.all).toHaveLength(new Set(knownTypes.all).size);
    expect(knownTypes.all).toEqual(expect.arrayContaining(['charge.succeeded', 'v1.charge.succeeded']));
  });
});
