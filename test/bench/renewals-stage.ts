import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { freePort } from '../../bin/lib/free-port.ts';
import type { Running } from '../../bin/lib/processes.ts';
import { line, phase } from '../../bin/lib/progress.ts';
import { stripeEvents } from '../../src/billing/stripe-events.ts';
import { atATime } from '../support/deliveries.ts';
import { simulatedStripe } from '../support/simulated-stripe.ts';
import { allDone } from './all-done.ts';
import { control, KEY, post, SECRET, settingsFor } from './at-stripe.ts';
import type { Stage } from './stage.ts';

/** A service that knows so many subscriptions, a moment before the first of them renews. */
export interface RenewalStage {
  /** Its address. */
  readonly simulator: string;
  readonly database: string;
  readonly api: Running;
  readonly workers: readonly Running[];
  readonly client: pg.Client;
  /** Seconds of Stripe's time. */
  readonly untilFirst: number;
}

const LOOKUP_KEY = 'pro_monthly';
const policy = {
  access: { reference_metadata: ['user_id'], plans: { pro: { name: 'Pro', prices: [LOOKUP_KEY], features: ['pro'] } } },
};
const MINUTES = 60;
const AT_ONCE = 8;

export async function onRenewalStage<T>(
  stage: Stage,
  { renewals, workers: many }: { readonly renewals: number; readonly workers: number },
  play: (set: RenewalStage) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-renewals-'));
  const POLICY = join(folder, 'policy.json');
  writeFileSync(POLICY, JSON.stringify(policy));
  const database = await stage.newDatabase();
  const port = await freePort();
  const webhooks = ['--webhook-url', `http://127.0.0.1:${port}/webhooks/stripe`, '--webhook-secret', SECRET];
  const words = ['--port', '0', '--key', KEY, ...webhooks];
  const simulator = await stage.start({ name: 'renewals-stripe', file: 'dist/simulator/main.js', words });
  const env = { ...settingsFor(stage, database, simulator.url, 'renewals'), POLICY, PORT: String(port) };
  const api = await stage.start({ name: 'renewals-api', file: 'dist/src/api/main.js', env });
  const workers = await Promise.all(
    Array.from({ length: many }, (_, index) =>
      stage.start({ name: `renewals-worker-${index}`, file: 'dist/src/workers/main.js', env }),
    ),
  );
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  try {
    // One event each is enough to make them known.
    await listenTo(simulator.url, ['customer.subscription.created']);
    const first = await phase(`${renewals} subscriptions begin`, () => subscribe(simulator.url, renewals));
    await allDone(simulator.url, client);
    await listenTo(simulator.url, Object.keys(stripeEvents));
    const { now } = clock.parse(await control(simulator.url, 'GET', '/_sim/clock'));
    const untilFirst = first - now - MINUTES;
    return await play({ simulator: simulator.url, database, api, workers, client, untilFirst });
  } finally {
    await client.end();
    await Promise.all([...workers, api, simulator].map((each) => each.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

const clock = z.object({ now: z.number() });
const overview = z.object({ endpoints: z.array(z.object({ id: z.string() })) });

async function listenTo(simulator: string, types: readonly string[]): Promise<void> {
  const { endpoints } = overview.parse(await control(simulator, 'GET', '/_sim/webhooks'));
  const form = types.map((type) => `enabled_events[]=${type}`).join('&');
  for (const { id } of endpoints) await post(simulator, `/v1/webhook_endpoints/${id}`, form);
}

/** Evenly over an hour. @returns when the first of them renews, in seconds */
async function subscribe(simulator: string, count: number): Promise<number> {
  const { stripe } = simulatedStripe({ url: simulator, key: KEY });
  const product = await stripe.products.create({ name: 'Pro' });
  const price = await stripe.prices.create({
    product: product.id,
    lookup_key: LOOKUP_KEY,
    currency: 'eur',
    unit_amount: 3_000,
    recurring: { interval: 'month' },
  });
  const begin = async (number: number) => {
    const customer = await stripe.customers.create({
      email: `customer-${number}@example.com`,
      payment_method: 'pm_card_visa',
      invoice_settings: { default_payment_method: 'pm_card_visa' },
    });
    const items = [{ price: price.id }];
    return stripe.subscriptions.create({ customer: customer.id, items, metadata: { user_id: `user-${number}` } });
  };
  const first = await begin(0);
  for (let minute = 0; minute < MINUTES; minute += 1) {
    const from = Math.max(1, Math.ceil((count * minute) / MINUTES));
    const numbers = Array.from(
      { length: Math.max(0, Math.ceil((count * (minute + 1)) / MINUTES) - from) },
      (_, n) => from + n,
    );
    await atATime(AT_ONCE, numbers, begin);
    if (minute % 10 === 9) line(`  ${from + numbers.length} of ${count}`);
    await control(simulator, 'POST', '/_sim/clock/advance', { seconds: 60 });
  }
  return first.items.data[0]?.current_period_end ?? 0;
}
