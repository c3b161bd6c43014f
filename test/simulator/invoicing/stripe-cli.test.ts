import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Simulated, simulated } from './simulated.ts';

let sim: Simulated;
let config: string;

beforeAll(async () => {
  sim = await simulated();
  config = await mkdtemp(join(tmpdir(), 'stripe-cli-'));
});
afterAll(() => rm(config, { recursive: true, force: true }));

/** The official CLI makes the objects that lead to the event, with parameters and a version of its own. */
async function trigger(event: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    'node_modules/.bin/stripe',
    ['trigger', event, '--api-base', sim.url, '--api-key', 'sk_test_simulated'],
    { env: { ...process.env, XDG_CONFIG_HOME: config, STRIPE_CLI_TELEMETRY_OPTOUT: '1' } },
  );
  return stdout;
}

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
])('stripe trigger %s ends in that event', async (event) => {
  sim.newEvents();
  expect(await trigger(event)).toContain('Trigger succeeded');
  expect(sim.newEvents()).toContain(event);
});
