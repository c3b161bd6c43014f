import { describe, expect, test } from 'vitest';
import { ConfigError, databaseUrl, loadConfig, secretsOf, settings } from '../../src/platform/config.ts';
import { newSigningKey } from '../../src/platform/signing-keys.ts';

const needed = {
  DATABASE_URL: 'postgres://user:hidden-password@localhost:5432/quittance',
  REDIS_URL: 'redis://localhost:6379',
  STRIPE_SECRET_KEY: 'sk_test_hiddenKey',
};

function complaintAbout(env: NodeJS.ProcessEnv): string {
  try {
    loadConfig({ ...needed, ...env });
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return error instanceof Error ? error.message : '';
  }
  return 'no complaint';
}

test('the three required settings are enough', () => {
  expect(loadConfig(needed)).toMatchObject({
    STRIPE_API_BASE: 'https://api.stripe.com',
    STRIPE_WEBHOOK_SECRETS: [],
    HOST: '127.0.0.1',
    PORT: 3000,
    WORKER_PORT: 'off',
    LOG_LEVEL: 'info',
    livemode: false,
    stripeRequestsPerSecond: 25,
  });
});

test('an empty variable is one that is not set', () => {
  const empty = Object.fromEntries(Object.keys(settings.shape).map((name) => [name, '']));
  expect(loadConfig({ ...empty, ...needed })).toEqual(loadConfig(needed));
  expect(complaintAbout({ DATABASE_URL: '' })).toMatch(/DATABASE_URL is required, for example postgres:/);
});

test('the operator’s address may be any, with blanks around it', () => {
  const { OPERATOR_EMAIL } = loadConfig({ ...needed, OPERATOR_EMAIL: ' r&d@bücher.example ' });
  expect(OPERATOR_EMAIL).toBe('r&d@bücher.example');
});

test.each([
  ['billing@example.com'],
  ['Atelier <billing@example.com>'],
  ['"Ada, Inc." <r&d@example.com>'],
  ['<billing@example.com>'],
  ['Büro <post@bücher.example>'],
  ['Quittance <billing@localhost>'],
  ['billing@mailhost'],
])('mails may come from %s', (sender) => {
  expect(loadConfig({ ...needed, MAIL_FROM: ` ${sender} ` }).MAIL_FROM).toBe(sender);
});

test.each([
  ['billing'],
  ['Atelier'],
  ['Atelier <billing>'],
  ['a@example.com, b@example.com'],
  ['a@example.com <'],
  ['<>'],
])('mails can’t come from %s', (sender) => {
  expect(complaintAbout({ MAIL_FROM: sender })).toContain('MAIL_FROM must be one address');
});

test('variables of others are none of our business', () => {
  expect(loadConfig({ ...needed, HOME: '/root', PORTS: 'x' })).toEqual(loadConfig(needed));
});

describe('wrong settings', () => {
  const wrong: Record<string, string> = {
    DATABASE_URL: 'mysql://localhost/db',
    REDIS_URL: 'localhost:6379',
    STRIPE_SECRET_KEY: 'pk_test_public',
    STRIPE_API_BASE: 'api.stripe.com',
    STRIPE_RATE_LIMIT: '-1',
    STRIPE_ENDPOINT_RATE_LIMIT: '1.5',
    STRIPE_TIMEOUT_MS: '80001',
    SETTLEMENT: 'both',
    BUSINESS_TIME_ZONE: 'Berlin',
    PORT: '65536',
    PUBLIC_URL: 'billing.example.com',
    TRUSTED_PROXIES: 'true',
    WORKER_PORT: 'on',
    WORKER_CONCURRENCY: '0',
    SHUTDOWN_SECONDS: '-5',
    SWEEP_AFTER_SECONDS: '-1',
    SWEEP_EVERY_SECONDS: '0',
    QUEUE_PREFIX: 'a:b',
    LOG_LEVEL: 'loud',
  };

  test('are all named at once, each with what to do, and no value is repeated', () => {
    const complaint = complaintAbout(wrong);
    const named = complaint.split('\n').slice(1);
    for (const name of Object.keys(wrong)) {
      expect(named).toContainEqual(expect.stringMatching(new RegExp(`^  ${name} (must|may|is) \\S.*`)));
    }
    expect(new Set(named).size).toBe(named.length);
    expect(complaint).not.toMatch(/hidden|pk_test_public|mysql:\/\/localhost/);
  });

  test.each(Object.entries(wrong))('%s=%s alone is named alone', (name, value) => {
    const complaint = complaintAbout({ [name]: value });
    expect(complaint.split('\n')).toHaveLength(2);
    expect(complaint).toContain(`\n  ${name} `);
  });

  test.each(['DATABASE_URL', 'REDIS_URL', 'STRIPE_SECRET_KEY'])('%s can not be left out', (name) => {
    expect(complaintAbout({ [name]: undefined })).toMatch(new RegExp(`\n  ${name} is required`));
  });
});

describe('the secret key', () => {
  test.each([
    ['sk_test_x', false, 25],
    ['rk_test_x', false, 25],
    ['sk_live_x', true, 100],
    ['rk_live_x', true, 100],
  ])('%s tells the mode (live: %s) and with it the limit of %i requests a second', (key, livemode, limit) => {
    expect(loadConfig({ ...needed, STRIPE_SECRET_KEY: key })).toMatchObject({
      livemode,
      stripeRequestsPerSecond: limit,
    });
  });

  test('a limit that is given wins, 0 for none', () => {
    expect(loadConfig({ ...needed, STRIPE_RATE_LIMIT: '7' }).stripeRequestsPerSecond).toBe(7);
    expect(loadConfig({ ...needed, STRIPE_RATE_LIMIT: '0' }).stripeRequestsPerSecond).toBe(0);
  });
});

test('webhook secrets are a list; blanks in it are no secrets', () => {
  const { STRIPE_WEBHOOK_SECRETS } = loadConfig({ ...needed, STRIPE_WEBHOOK_SECRETS: ' whsec_new , ,whsec_old,' });
  expect(STRIPE_WEBHOOK_SECRETS).toEqual(['whsec_new', 'whsec_old']);
  expect(loadConfig({ ...needed, STRIPE_WEBHOOK_SECRETS: ' , ' }).STRIPE_WEBHOOK_SECRETS).toEqual([]);
});

test('keys of tokens come as a list, and are secrets; what is none is named without being told', () => {
  const [one, other] = [newSigningKey(), newSigningKey()];
  const config = loadConfig({ ...needed, ACCESS_TOKEN_KEYS: `${one}, ${other}` });
  expect(config.ACCESS_TOKEN_KEYS).toEqual([one, other]);
  expect(secretsOf(config)).toEqual(expect.arrayContaining([one, other]));
  const complaint = complaintAbout({ ACCESS_TOKEN_KEYS: `${one},hidden-word` });
  expect(complaint).toMatch(/ACCESS_TOKEN_KEYS must be Ed25519 keys/);
  expect(complaint).not.toContain('hidden-word');
});

test('commands that need the database alone ask for nothing else', () => {
  expect(databaseUrl({ DATABASE_URL: needed.DATABASE_URL })).toBe(needed.DATABASE_URL);
  expect(() => databaseUrl({})).toThrow(/^DATABASE_URL is required/);
  expect(() => databaseUrl({ DATABASE_URL: 'quittance' })).toThrow(/^DATABASE_URL must look like postgres:/);
});

test('a password is a secret wherever the URL has it, and in both ways of writing it', () => {
  const config = loadConfig({
    ...needed,
    DATABASE_URL: 'postgres://localhost/quittance?user=ada&password=in%20the%20query',
    REDIS_URL: 'redis://:half%2Fway@localhost',
    SMTP_URL: 'smtp://ada:100%25@localhost',
  });
  expect(secretsOf(config)).toEqual(
    expect.arrayContaining(['in the query', 'half%2Fway', 'half/way', '100%25', '100%', 'sk_test_hiddenKey']),
  );
});
