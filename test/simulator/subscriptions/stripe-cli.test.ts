import { beforeAll, test } from 'vitest';
import { type Simulated, simulated } from '../invoicing/simulated.ts';
import { expectTrigger } from '../invoicing/trigger.ts';

let sim: Simulated;

beforeAll(async () => {
  sim = await simulated();
});

test.each([
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.trial_will_end',
  'invoice.payment_action_required',
  'invoice.payment_failed',
  'price.updated',
  'setup_intent.created',
  'setup_intent.succeeded',
  'setup_intent.setup_failed',
  'setup_intent.canceled',
  'setup_intent.requires_action',
  'billing_portal.session.created',
  'test_helpers.test_clock.created',
  'test_helpers.test_clock.advancing',
  'test_helpers.test_clock.ready',
  'test_helpers.test_clock.deleted',
])('stripe trigger %s ends in that event', (event) => expectTrigger(sim, event));
