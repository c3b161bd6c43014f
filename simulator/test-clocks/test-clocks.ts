import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { FrozenClock, timeOfTestClock } from '../core/frozen-clock.ts';
import { paginate } from '../core/lists.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { required, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { listParams, timestamp } from '../core/shared-params.ts';
import { periodEnd } from '../subscriptions/calendar.ts';
import { end } from '../subscriptions/cancel.ts';
import { hasEnded, type Subscription } from '../subscriptions/subscription.ts';
import { recurringOf } from '../subscriptions/terms.ts';

type TestClock = ObjectTypes['test_helpers.test_clock'];

const DAY = 86_400;

/** "Timestamp after which the test clock is automatically deleted": shown, and not acted on. */
const LIVES = 30 * DAY;

const need = (context: Context, id: string): TestClock => context.store['test_helpers.test_clock'].need(id);

const liveOn = (context: Context, clock: TestClock): Subscription[] =>
  context.store.subscription.oldestFirst((one) => one.test_clock === clock.id && !hasEnded(one));

/**
 * The clock is advancing when the request is answered; a moment later it has arrived, and all that happens on the way has
 * happened, each thing at its own time.
 */
function advance(context: Context, clock: TestClock, to: number): TestClock {
  if (clock.status === 'advancing') {
    throw refused('Test clock advancement underway - cannot perform modifications.', { code: 'test_clock_advancing' });
  }
  checkTarget(context, clock, to);
  clock.status = 'advancing';
  clock.status_details = { advancing: { target_frozen_time: to } };
  context.emit('test_helpers.test_clock.advancing', clock);
  context.later(0, (later) => {
    timeOfTestClock.get(clock)?.advanceTo(to);
    clock.frozen_time = to;
    clock.status = 'ready';
    clock.status_details = {};
    later.emit('test_helpers.test_clock.ready', clock);
  });
  return clock;
}

/** "You can advance up to two intervals at a time": https://docs.stripe.com/billing/testing/test-clocks/api-advanced-usage */
function checkTarget(context: Context, clock: TestClock, to: number): void {
  const from = clock.frozen_time;
  if (to <= from) {
    throw refused("The frozen time must be after the test clock's current frozen time.", { param: 'frozen_time' });
  }
  const reach = liveOn(context, clock).flatMap(({ items }) =>
    items.data.map(({ price }) => periodEnd(from, recurringOf(price), periodEnd(from, recurringOf(price), from))),
  );
  const furthest = Math.min(from + 2 * 366 * DAY, ...reach);
  if (to <= furthest) return;
  const message = `You can only advance a test clock up to two intervals of its shortest subscription at a time, which is ${furthest} now.`;
  throw refused(message, { param: 'frozen_time' });
}

/** Its customers go with it, and their subscriptions with them. */
function remove(context: Context, clock: TestClock): object {
  for (const subscription of liveOn(context, clock)) end(context.onTestClock(clock.id), subscription);
  for (const { id } of context.store.customer.oldestFirst((one) => one.test_clock === clock.id)) {
    context.store.customer.delete(id);
  }
  const stub = context.store['test_helpers.test_clock'].delete(clock.id);
  context.emit('test_helpers.test_clock.deleted', clock);
  return stub;
}

/** https://docs.stripe.com/api/test_clocks */
export const testClocks: Resource = {
  expansions: {},
  routes: [
    route(
      'POST',
      '/v1/test_helpers/test_clocks',
      { customer: unsimulated(), frozen_time: required(timestamp()), name: string({ max: 300 }) },
      (context, params) => {
        const created = context.now();
        const clock = context.store['test_helpers.test_clock'].add({
          id: context.id('clock_'),
          object: 'test_helpers.test_clock',
          created,
          deletes_after: created + LIVES,
          frozen_time: params.frozen_time,
          livemode: context.livemode,
          name: params.name ?? null,
          status: 'ready',
          status_details: {},
        });
        timeOfTestClock.set(clock, new FrozenClock(params.frozen_time));
        context.emit('test_helpers.test_clock.created', clock);
        return clock;
      },
    ),
    route('GET', '/v1/test_helpers/test_clocks/{id}', {}, (context, _params, { id }) => need(context, id)),
    route('GET', '/v1/test_helpers/test_clocks', listParams, (context, params) =>
      paginate(context.store['test_helpers.test_clock'].newestFirst(), params, '/v1/test_helpers/test_clocks'),
    ),
    route(
      'POST',
      '/v1/test_helpers/test_clocks/{id}/advance',
      { frozen_time: required(timestamp()) },
      (context, params, { id }) => advance(context, need(context, id), params.frozen_time),
    ),
    route('DELETE', '/v1/test_helpers/test_clocks/{id}', {}, (context, _params, { id }) =>
      remove(context, need(context, id)),
    ),
  ],
};
