import { freePort } from '../../bin/lib/free-port.ts';
import { freshDatabase, type TestDatabase } from './database.ts';
import type { Settings } from './processes.ts';
import { freshRedis, type TestRedis } from './redis.ts';
import { openStripeAccount, type Served, type StripeAccount, startApi, startWorker } from './served.ts';

export type Quittance = {
  database: TestDatabase;
  redis: TestRedis;
  simulator: StripeAccount;
  api: Served;
  workers: Served[];
  /** What the api and the workers were started with, to start more of them. */
  settings: Settings;
  /** The secret that the simulator signs its webhooks with. */
  webhookSecret: string;
};

export type QuittanceOptions = {
  /** How many workers for all queues. Default 1. */
  workers?: number;
  /** Over and above what the whole needs; also replaces what it sets. */
  env?: Settings;
};

/** The whole system, fresh: an account at a simulated Stripe with its webhooks pointed at the api, one api, workers, own database and Redis. */
export async function startQuittance({ workers = 1, env = {} }: QuittanceOptions = {}): Promise<Quittance> {
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const webhookSecret = 'whsec_storytest0123456789abcdef';
  // Each must know the other's address before it starts, so the api's port is chosen first.
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const simulator = await openStripeAccount({ url: `${publicUrl}/webhooks/stripe`, secret: webhookSecret });
  const settings: Settings = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    STRIPE_SECRET_KEY: simulator.key,
    STRIPE_API_BASE: simulator.url,
    STRIPE_WEBHOOK_SECRETS: webhookSecret,
    PUBLIC_URL: publicUrl,
    ...env,
  };
  const [api, ...started] = await Promise.all([
    startApi({ PORT: String(port), ...settings }),
    ...Array.from({ length: workers }, () => startWorker([], settings)),
  ]);
  return { database, redis, simulator, api, workers: started, settings, webhookSecret };
}
