import { connect, type Db } from '../../src/platform/db.ts';
import { releaseAfterFile } from './clean-up.ts';
import { freshDatabase } from './database.ts';
import { type Settings, simulatorKey } from './processes.ts';
import { freshRedis } from './redis.ts';
import { type Served, startApi } from './served.ts';
import { webhookSecrets } from './webhooks.ts';

export type ApiUnderTest = { api: Served; db: Db; settings: Settings };

/** One api process on a database and a Redis of its own, and a look into that database. No Stripe behind it. */
export async function apiUnderTest(env: Settings = {}): Promise<ApiUnderTest> {
  const settings: Settings = {
    DATABASE_URL: env.DATABASE_URL ?? (await freshDatabase()).url,
    REDIS_URL: env.REDIS_URL ?? (await freshRedis()).url,
    STRIPE_SECRET_KEY: simulatorKey,
    STRIPE_API_BASE: 'http://127.0.0.1:9',
    STRIPE_WEBHOOK_SECRETS: webhookSecrets.join(','),
    PUBLIC_URL: 'http://127.0.0.1:9',
    ...env,
  };
  const db = connect(settings.DATABASE_URL ?? '', { name: 'test', connections: 4 });
  releaseAfterFile(() => db.destroy());
  return { api: await startApi(settings), db, settings };
}
