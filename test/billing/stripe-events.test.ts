import { describe, expect, test } from 'vitest';
import { routeOf, stripeEvents } from '../../src/billing/stripe-events.ts';
import { isQueueName } from '../../src/jobs/queues.ts';

describe('the route of an event type', () => {
  test.each(Object.keys(stripeEvents))('%s has a queue that exists, as a snapshot and as a thin event', (type) => {
    expect(routeOf(type)?.queue).toSatisfy(isQueueName);
    expect(routeOf(`v1.${type}`)).toBe(routeOf(type));
  });

  test.each([
    '',
    'v1.',
    'customer.created',
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
