import type { Redis } from 'ioredis';
import { systemClock } from '../platform/clock.ts';
import { type Config, secretsOf } from '../platform/config.ts';
import { connect, type DbOptions } from '../platform/db.ts';
import { createLog, type Log, messageOf } from '../platform/log.ts';
import { hideSecrets } from '../platform/redaction.ts';
import { signalConnection } from '../platform/redis.ts';
import { signingKeyOf } from '../platform/signing-keys.ts';
import { createStripe } from '../stripe/client.ts';
import { stripeContact } from '../stripe/contact.ts';
import { stripeLimiter } from '../stripe/limiter.ts';
import { type Agreement, sayingChanged } from './agreement/bring-into-agreement.ts';
import { dependents } from './dependents.ts';
import type { Deps } from './deps/deps.ts';
import { loadPolicy } from './policy/load-policy.ts';
import { policyHash } from './policy/policy.ts';
import { earlierDocuments } from './stripe-invoices/earlier-documents.ts';

/** Opens what the use cases reach, from the configuration: the same for workers, the command line and the console. */
export interface OpenDeps {
  readonly deps: Deps;
  /** What `deps.changed` brings into agreement, for whoever does it again. */
  readonly agreement: Agreement;
  /** For signals and limits: its commands fail rather than wait. */
  readonly redis: Redis;
  close(): Promise<void>;
}

/** @throws ConfigError when the policy file is not usable */
export function openDeps(
  config: Config,
  options: Omit<DbOptions, 'log'>,
  log: Log = createLog(config.LOG_LEVEL, { role: options.name }),
): OpenDeps {
  hideSecrets(secretsOf(config));
  const { policy, warnings } = loadPolicy(config);
  for (const warning of warnings) log.warn('a variable has moved', { text: warning });
  const db = connect(config.DATABASE_URL, { ...options, log });
  const redis = signalConnection(config.REDIS_URL, log);
  const limiter = stripeLimiter(redis, config.QUEUE_PREFIX, {
    perSecond: config.stripeRequestsPerSecond,
    perEndpoint: config.STRIPE_ENDPOINT_RATE_LIMIT,
  });
  const contact = stripeContact(db, (error) => log.warn('contact with Stripe not noted', { error: messageOf(error) }));
  const stripe = createStripe({
    secretKey: config.STRIPE_SECRET_KEY,
    apiBase: config.STRIPE_API_BASE,
    timeoutMs: config.STRIPE_TIMEOUT_MS,
    limiter,
    answered: contact.answered,
  });
  const agreement: Agreement = {
    dependents,
    log,
    timeZone: config.BUSINESS_TIME_ZONE,
    policy: policyHash(policy),
    rules: policy,
  };
  return {
    agreement,
    deps: {
      db,
      log,
      changed: sayingChanged(agreement),
      stripe,
      contact,
      earlier: earlierDocuments(stripe, db),
      clock: systemClock,
      policy,
      publicUrl: config.publicUrl,
      signingKeys: config.ACCESS_TOKEN_KEYS.flatMap((key) => signingKeyOf(key) ?? []),
      timeZone: config.BUSINESS_TIME_ZONE,
      livemode: config.livemode,
    },
    redis,
    async close() {
      redis.disconnect();
      await db.destroy();
    },
  };
}
