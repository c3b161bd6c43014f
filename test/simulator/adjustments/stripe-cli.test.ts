import { beforeAll, test } from 'vitest';
import { type Simulated, simulated } from '../invoicing/simulated.ts';
import { expectTrigger } from '../invoicing/trigger.ts';

let sim: Simulated;

beforeAll(async () => {
  sim = await simulated();
});

test.each([
  'charge.refunded',
  'charge.refund.updated',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'credit_note.created',
  'credit_note.updated',
  'credit_note.voided',
])('stripe trigger %s ends in that event', (event) => expectTrigger(sim, event));
