import type { Deps } from '../../src/billing/deps/deps.ts';
import { openDeps } from '../../src/billing/open-deps.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { releaseAfterFile } from './clean-up.ts';
import { freshDatabase } from './database.ts';
import type { Settings } from './processes.ts';
import { freshRedis } from './redis.ts';
import { openStripeAccount, type StripeAccount } from './served.ts';
import { type SimulatedStripe, simulatedStripe } from './simulated-stripe.ts';

export type BillingUnderTest = { deps: Deps; side: SimulatedStripe; simulator: StripeAccount; settings: Settings };

/** What the use cases reach, in this process: own database and Redis, an account of its own at a simulated Stripe, no limits. */
export async function billingUnderTest(env: Settings = {}): Promise<BillingUnderTest> {
  const [database, redis, simulator] = await Promise.all([freshDatabase(), freshRedis(), openStripeAccount()]);
  const settings: Settings = {
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    STRIPE_SECRET_KEY: simulator.key,
    STRIPE_API_BASE: simulator.url,
    STRIPE_RATE_LIMIT: '0',
    STRIPE_ENDPOINT_RATE_LIMIT: '0',
    LOG_LEVEL: 'error',
    PUBLIC_URL: 'http://127.0.0.1:9',
    ...env,
  };
  const opened = openDeps(loadConfig(settings), { name: 'test', connections: 12 });
  releaseAfterFile(() => opened.close());
  return { deps: opened.deps, side: simulatedStripe(simulator), simulator, settings };
}
