import pg from 'pg';
import { openDeps } from '../billing/open-deps.ts';
import { routeOf } from '../billing/stripe-events.ts';
import { jobQueues } from '../jobs/enqueue.ts';
import { signaller } from '../jobs/signaller.ts';
import { type Config, ConfigError } from '../platform/config.ts';
import { connectionSettings } from '../platform/db.ts';
import { gather } from '../platform/gather.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { countingConnection } from '../platform/redis.ts';
import { addressOf } from '../platform/server-address.ts';
import { type Delivery, type DeliveryVerdict, storeEvents } from '../stripe/inbox/inbox.ts';
import { rejectedDeliveries } from '../stripe/inbox/rejected-deliveries.ts';
import { app } from './app.ts';
import { DEADLINES, httpServer } from './http/http-server.ts';
import { metrics } from './metrics.ts';

/** An api that serves. */
export interface RunningApi {
  readonly url: string;
  /** Answers what has arrived, takes nothing new, and closes what it has opened. */
  close(): Promise<void>;
}

const MOST_PER_COMMIT = 64;
const COMMITS_IN_FLIGHT = 1;
const CLOSE_IDLE_EVERY_MS = 50;
/** A commit that takes longer is answered with 503; if it succeeds after all, Stripe's next delivery is a duplicate. */
const COMMIT_TIMEOUT_MS = 8_000;
/** A person waits for the answer, and a proxy before us gives up after 30 s: with its two repeats a request stays below. */
const LONGEST_STRIPE_TIMEOUT_MS = 8_000;

function checkApiSettings(config: Config): void {
  if (config.STRIPE_WEBHOOK_SECRETS.length === 0) {
    throw new ConfigError(
      'STRIPE_WEBHOOK_SECRETS is required: the signing secret (whsec_…) of the webhook endpoint; two, comma separated, during a rotation',
    );
  }
}

/** Where *Pay by card* leads: Stripe's Checkout, and with another API base the pages of whoever stands in for Stripe. */
function checkoutOrigins(apiBase: string): string[] {
  const { origin } = new URL(apiBase);
  return ['https://checkout.stripe.com', ...(origin === 'https://api.stripe.com' ? [] : [origin])];
}

/** The webhook receiver, health and the console. @throws ConfigError when it cannot be started with this configuration */
export async function startApi(config: Config, log: Log): Promise<RunningApi> {
  checkApiSettings(config);
  const opened = openDeps(
    { ...config, STRIPE_TIMEOUT_MS: Math.min(config.STRIPE_TIMEOUT_MS, LONGEST_STRIPE_TIMEOUT_MS) },
    { name: 'api', connections: 8 },
    log,
  );
  const { deps: billing, redis } = opened;
  const { db } = billing;
  const inbox = new pg.Pool({
    ...connectionSettings(config.DATABASE_URL, 'inbox'),
    max: 2,
    query_timeout: COMMIT_TIMEOUT_MS,
  });
  inbox.on('error', (error) => log.warn('database connection lost', { error: error.message }));
  const counters = countingConnection(config.REDIS_URL, log);
  const jobs = jobQueues(redis, config.QUEUE_PREFIX, (error) => log.debug('queue', { error: error.message }));
  const rejected = rejectedDeliveries(inbox, (error) =>
    log.warn('rejected deliveries could not be recorded', { error: messageOf(error) }),
  );

  const inboxWriter = gather<Delivery, DeliveryVerdict>((deliveries) => storeEvents(inbox, deliveries), {
    most: MOST_PER_COMMIT,
    inFlight: COMMITS_IN_FLIGHT,
  });
  const signals = signaller(jobs, log);

  const site = app({
    db,
    redis,
    counters,
    jobs,
    log,
    billing,
    business: {
      name: config.BUSINESS_NAME,
      details: config.BUSINESS_DETAILS,
      timeZone: config.BUSINESS_TIME_ZONE,
    },
    checkoutOrigins: checkoutOrigins(config.STRIPE_API_BASE),
    metrics: metrics(db, jobs),
    trustedProxies: config.TRUSTED_PROXIES,
    prefix: config.QUEUE_PREFIX,
    secureCookies: config.PUBLIC_URL?.startsWith('https:') ?? false,
    receiver: {
      secrets: config.STRIPE_WEBHOOK_SECRETS,
      livemode: config.livemode,
      store: inboxWriter.add,
      signal: signals.signal,
      queueOf: (type) => routeOf(type)?.queue ?? null,
      rejected,
      log,
    },
  });
  const server = httpServer(site, DEADLINES).listen(config.PORT, config.HOST);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });

  async function close(): Promise<void> {
    await new Promise<void>((resolve) => {
      // Senders keep their connections open: one that was busy now must be closed when its answer has gone out.
      const closing = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
      server.close(() => {
        clearInterval(closing);
        resolve();
      });
    });
    await inboxWriter.idle();
    await signals.idle();
    await rejected.close();
    await jobs.close();
    await inbox.end();
    counters.disconnect();
    await opened.close();
  }
  const { address, port } = addressOf(server);
  return { url: `http://${address}:${port}`, close };
}
