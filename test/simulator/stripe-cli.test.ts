import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orWhySkipped } from '../support/why-skipped.ts';
import { testKey, useSimulator } from './harness.ts';

/** An optional package, of this platform alone: the one that brings the others along can't have all their checksums. */
const program = 'node_modules/@stripe/cli-linux-x64/bin/stripe';
const lacking = existsSync(program) ? undefined : 'the package of the Stripe CLI is for Linux on x64 only';

const harness = useSimulator();
const run = promisify(execFile);
let home: string;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'stripe-cli-'));
});
afterAll(() => rm(home, { recursive: true }));

async function stripeCli(...words: string[]): Promise<string> {
  const environment = { ...process.env, XDG_CONFIG_HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: '1' };
  const { stdout } = await run(program, [...words, '--api-base', harness.simulator.url, '--api-key', testKey], {
    env: environment,
  });
  return stdout;
}

const eventTypes = async (): Promise<string[]> =>
  (await harness.stripe.events.list({ limit: 100 })).data.map(({ type }) => type);

describe.skipIf(lacking)(orWhySkipped('the Stripe CLI on the simulated Stripe', lacking), () => {
  it.each([
    'payment_intent.succeeded',
    'payment_intent.payment_failed',
    'charge.succeeded',
    'product.created',
    'price.created',
    'customer.created',
    'checkout.session.completed',
  ])('triggers %s', async (type) => {
    await stripeCli('trigger', type);
    expect(await eventTypes()).toContain(type);
  });

  it('pays a session as a buyer would', async () => {
    await stripeCli('trigger', 'checkout.session.completed');
    const { data } = await harness.stripe.checkout.sessions.list({ expand: ['data.payment_intent'] });
    expect(data).toMatchObject([
      {
        status: 'complete',
        payment_status: 'paid',
        amount_total: 3000,
        customer_details: { email: 'stripe@example.com', name: 'Jenny Rosen' },
        payment_intent: { status: 'succeeded', amount_received: 3000 },
      },
    ]);
  });
});
