import { beforeAll, test } from 'vitest';
import { type Simulated, simulated } from './simulated.ts';
import { expectTrigger } from './trigger.ts';

let sim: Simulated;

beforeAll(async () => {
  sim = await simulated();
});

test.each([
  'invoice.created',
  'invoice.deleted',
  'invoice.finalized',
  'invoice.marked_uncollectible',
  'invoice.paid',
  'invoice.payment_action_required',
  'invoice.payment_failed',
  'invoice.payment_succeeded',
  'invoice.sent',
  'invoice.updated',
  'invoice.voided',
  'invoiceitem.created',
  'invoiceitem.deleted',
])('stripe trigger %s ends in that event', (event) => expectTrigger(sim, event));
