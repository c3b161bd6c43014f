import { z } from 'zod';
import { isTimeZone } from './business-day.ts';
import { asciiAddress, emailAddress } from './email-address.ts';
import { signingKeyOf } from './signing-keys.ts';

/**
 * The configuration, read once at start: the only place that reads `process.env`.
 * Every variable is optional unless its line says so; docs/setup.md lists them all and a test keeps the two in step.
 */

const whole = (fallback: number, min: number, max: number) =>
  z.coerce
    .number('must be a whole number')
    .int('must be a whole number')
    .min(min, `must be at least ${min}`)
    .max(max, `must be at most ${max}`)
    .default(fallback);
const url = (schemes: string[], example: string) =>
  z
    .string(`is required, for example ${example}`)
    .refine((value) => URL.canParse(value) && schemes.includes(new URL(value).protocol), `must look like ${example}`);

const onOrOff = z.enum(['on', 'off'], 'must be on or off').transform((value) => value === 'on');

const secretList = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((secret) => secret.trim())
      .filter((secret) => secret !== ''),
  );

/** `ada@example.com` or `Ada Example <ada@example.com>`; within a house a name without dots will do, such as `localhost`. */
function isSender(text: string): boolean {
  const [, bare, named = bare] = /^(?:([^<>\s]+)|[^<>]*<([^<>\s]+)>)$/.exec(text) ?? [];
  return named !== undefined && (asciiAddress(named) ?? asciiAddress(`${named}.internal`)) !== undefined;
}

export const settings = z.object({
  /** Required. The Postgres database that holds the truth. */
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://quittance@localhost:5432/quittance'),
  /** Required. The Redis (noeviction) that carries job signals. */
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://localhost:6379'),
  /** Required. The secret or restricted key of the Stripe account; its prefix says whether this is test or live. */
  STRIPE_SECRET_KEY: z
    .string('is required: Stripe Dashboard > Developers > API keys')
    .regex(/^(sk|rk)_(test|live)_/, 'must start with sk_test_, sk_live_, rk_test_ or rk_live_'),
  /** Base URL of the Stripe API; another one for the simulator. */
  STRIPE_API_BASE: url(['http:', 'https:'], 'https://api.stripe.com').default('https://api.stripe.com'),
  /** Signing secrets of the webhook endpoint, comma separated: two during a rotation. Required for the api. */
  STRIPE_WEBHOOK_SECRETS: secretList,
  /** Ed25519 keys that access tokens are signed with, comma separated: the first signs, all of them verify. Without one there are no tokens. */
  ACCESS_TOKEN_KEYS: secretList.refine(
    (keys) => keys.every((key) => signingKeyOf(key) !== undefined),
    'must be Ed25519 keys as "quittance access token-key" makes them: base64 of PKCS #8, comma separated',
  ),
  /** Stripe requests per second, all workers together; 0 = no limit. Default 100 live, 25 test. */
  STRIPE_RATE_LIMIT: z.coerce.number('must be a whole number').int().min(0, 'must be 0 (no limit) or more').optional(),
  /** Stripe requests per second and endpoint, all workers together; 0 = no limit. */
  STRIPE_ENDPOINT_RATE_LIMIT: whole(25, 0, 10_000),
  /** Milliseconds after which one request to Stripe is given up (and asked again with the same key). */
  STRIPE_TIMEOUT_MS: whole(20_000, 100, 80_000),
  /** Path of the policy file: what the business wants. Without one every one-off payment gets its invoice. */
  POLICY: z.string().optional(),
  /** Until the next release, for `invoicing.settlement` of the policy. */
  SETTLEMENT: z.enum(['out_of_band', 'attach'], 'must be out_of_band or attach').optional(),
  /** Until the next release, for `adjustments.credit_notes` of the policy. */
  ADJUSTMENTS: onOrOff.optional(),
  /** Until the next release, for `adjustments.stripe_invoices` of the policy. */
  ADJUST_STRIPE_INVOICES: onOrOff.optional(),
  /** Until the next release, for `invoicing.own_payments` of the policy. */
  INVOICE_OWN_PAYMENTS: onOrOff.optional(),
  /** Where mail goes out, e.g. smtp://user:password@mail.example.com:587; without it no mail is sent. */
  SMTP_URL: url(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.com:587').optional(),
  /** Whether an SMTP server on another machine must speak TLS (smtps:, or STARTTLS) before it is told anything. */
  SMTP_TLS: z.enum(['required', 'optional'], 'must be required or optional').default('required'),
  /** Sender of mails. */
  MAIL_FROM: z
    .string()
    .trim()
    .refine(isSender, 'must be one address, e.g. Quittance <billing@example.com>')
    .default('Quittance <billing@localhost>'),
  /** Who is told by mail that a question waits for a person; without it nobody is. */
  OPERATOR_EMAIL: emailAddress.optional(),
  /** Name of the business on invoice pages and in mails. */
  BUSINESS_NAME: z.string().default('Your business'),
  /** Address, tax number and the like of the business; lines are separated by | */
  BUSINESS_DETAILS: z.string().default(''),
  /** The time zone in which days begin: due and overdue, the year of a number, every day that is shown. */
  BUSINESS_TIME_ZONE: z
    .string()
    .refine(isTimeZone, 'must be a time zone of the IANA database, e.g. Europe/Berlin')
    .default('UTC'),
  /** Whether outgoing webhooks may go to private and loopback addresses (SSRF protection is off then). */
  ALLOW_PRIVATE_WEBHOOKS: onOrOff.default(false),
  /** Until the next release, for `eligibility` of the policy: path of a JSON file of it. */
  ELIGIBILITY_RULES: z.string().optional(),
  /** Address and port that the api listens on; port 0 takes a free one. */
  HOST: z.string().default('127.0.0.1'),
  PORT: whole(3000, 0, 65_535),
  /** The URL under which browsers reach the api; default http://HOST:PORT. */
  PUBLIC_URL: url(['http:', 'https:'], 'https://billing.example.com').optional(),
  /** How many reverse proxies stand before the api (their X-Forwarded-For entries are believed). */
  TRUSTED_PROXIES: whole(0, 0, 10),
  /** Port of a worker's own /healthz; 0 takes a free one, `off` opens none. */
  WORKER_PORT: z
    .union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)], 'must be a port or off')
    .default('off'),
  /** Jobs that one worker process runs at the same time, per queue. */
  WORKER_CONCURRENCY: whole(10, 1, 200),
  /** Seconds a stopping process waits for its running jobs and requests. */
  SHUTDOWN_SECONDS: whole(25, 1, 600),
  /** Seconds without an outcome after which the sweeper enqueues an event again. */
  SWEEP_AFTER_SECONDS: whole(30, 0, 86_400),
  /** Seconds between two rounds of the sweeper. */
  SWEEP_EVERY_SECONDS: whole(5, 1, 3_600),
  /** Prefix of all Redis keys, for an instance shared with other applications. */
  QUEUE_PREFIX: z
    .string()
    .regex(/^[\w-]+$/, 'may hold letters, digits, - and _')
    .default('quittance'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug'], 'must be error, warn, info or debug').default('info'),
});

export type Settings = z.output<typeof settings>;

export interface Config extends Settings {
  readonly livemode: boolean;
  readonly stripeRequestsPerSecond: number;
  /** Without a slash at its end. */
  readonly publicUrl: string;
}

/** A setting is missing or wrong. The message names each one and what to do about it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** @throws ConfigError that names every wrong setting at once */
export function loadConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = parse(settings, env);
  const livemode = /^(sk|rk)_live_/.test(parsed.STRIPE_SECRET_KEY);
  return {
    ...parsed,
    livemode,
    publicUrl: (parsed.PUBLIC_URL ?? `http://${parsed.HOST}:${parsed.PORT}`).replace(/\/+$/, ''),
    stripeRequestsPerSecond: parsed.STRIPE_RATE_LIMIT ?? (livemode ? 100 : 25),
  };
}

function parse<Shape extends z.ZodRawShape>(wanted: z.ZodObject<Shape>, env: NodeJS.ProcessEnv) {
  // An empty variable means "not set": compose files and shells can't unset one.
  const given = Object.fromEntries(Object.keys(wanted.shape).flatMap((name) => (env[name] ? [[name, env[name]]] : [])));
  const parsed = wanted.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw new ConfigError(`The configuration is not usable:\n  ${lines.join('\n  ')}`);
}

/** For what needs the policy alone. @throws ConfigError */
export function policySettings(env: NodeJS.ProcessEnv = process.env) {
  return parse(
    settings.pick({
      POLICY: true,
      ELIGIBILITY_RULES: true,
      SETTLEMENT: true,
      INVOICE_OWN_PAYMENTS: true,
      ADJUSTMENTS: true,
      ADJUST_STRIPE_INVOICES: true,
    }),
    env,
  );
}

/** What of the configuration must never leave: for `hideSecrets`. */
export function secretsOf(config: Config): string[] {
  const { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRETS, ACCESS_TOKEN_KEYS, ...settings } = config;
  const urls = [settings.DATABASE_URL, settings.REDIS_URL, settings.SMTP_URL ?? ''];
  return [STRIPE_SECRET_KEY, ...STRIPE_WEBHOOK_SECRETS, ...ACCESS_TOKEN_KEYS, ...urls.flatMap(passwordsIn)];
}

/** As it stands in the URL, and as it is meant. Postgres and Redis take it from the query as well. */
function passwordsIn(url: string): string[] {
  if (!URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  const inQuery = [...searchParams].flatMap(([name, value]) => (/pass/i.test(name) ? [value] : []));
  try {
    return [password, decodeURIComponent(password), ...inQuery];
  } catch {
    return [password, ...inQuery];
  }
}

/** For commands that need no more than the database. @throws ConfigError */
export function businessTimeZone(env: NodeJS.ProcessEnv = process.env): string {
  const parsed = settings.shape.BUSINESS_TIME_ZONE.safeParse(env.BUSINESS_TIME_ZONE || undefined);
  if (!parsed.success) throw new ConfigError(`BUSINESS_TIME_ZONE ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}

/** For commands that need the database alone. @throws ConfigError */
export function databaseUrl(env: NodeJS.ProcessEnv = process.env): string {
  const parsed = settings.shape.DATABASE_URL.safeParse(env.DATABASE_URL || undefined);
  if (!parsed.success) throw new ConfigError(`DATABASE_URL ${parsed.error.issues[0]?.message}`);
  return parsed.data;
}
