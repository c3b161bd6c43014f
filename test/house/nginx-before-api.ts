import Stripe from 'stripe';
import { describe, test } from 'vitest';
import { freshDatabase } from '../support/database.ts';
import { type Running, simulatorKey, startApiProcess } from '../support/processes.ts';
import { freshRedis } from '../support/redis.ts';
import { orWhySkipped } from '../support/why-skipped.ts';
import { type Front, startFront } from './nginx-front.ts';
import { findNginx, type NginxHere } from './nginx-program.ts';

const program = await findNginx();
const secret = 'whsec_nginxtest0123456789abcdef';

/** Tests with an nginx; where there is none they are skipped, and say why. */
export function describeWithNginx(title: string, tests: (program: NginxHere) => Promise<void>): void {
  // Without an nginx there is nothing to test; in CI, which installs it, the skip shows in the counts.
  if ('missing' in program) test.skip(orWhySkipped(title, program.missing), () => {});
  else describe(title, () => tests(program));
}

/** nginx with the deployed configuration, before a real api. */
export async function frontedApi(here: NginxHere): Promise<{ front: Front; api: Running; databaseUrl: string }> {
  const [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  const api = await startApiProcess({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    STRIPE_SECRET_KEY: simulatorKey,
    STRIPE_WEBHOOK_SECRETS: secret,
    PUBLIC_URL: 'https://localhost',
    TRUSTED_PROXIES: '1',
  });
  return { front: await startFront(here, api.url), api, databaseUrl: database.url };
}

/** A payment that succeeded, as Stripe would write it. */
export function event(id: string, note: string): string {
  const object = `{ "id": "pi_1", "object": "payment_intent", "description": "${note}" }`;
  return `{"id":"${id}", "object":"event",\n  "type":"payment_intent.succeeded", "created":1790000000, "livemode":false, "data":{"object":${object}}}`;
}

export function signed(body: string) {
  const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  return { method: 'POST', body, headers: { 'content-type': 'application/json', 'stripe-signature': header } };
}
