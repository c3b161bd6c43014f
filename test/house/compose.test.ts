import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { checkout, cleanEnvironment } from '../../bin/lib/checkout.ts';
import { line } from '../../bin/lib/progress.ts';
import { QUEUES } from '../../src/jobs/queues.ts';
import { loadConfig, settings } from '../../src/platform/config.ts';
import {
  composeText,
  exampleEnv,
  imageEnv,
  inFinalStage,
  networks,
  serviceNamed,
  services,
  substituted,
  volumes,
} from './deployment-files.ts';
import { startRedisWith } from './redis-with.ts';

const known = Object.keys(settings.shape);
const ours = Object.entries(services).filter(([, { build }]) => build !== undefined);
const read = (file: string) => readFileSync(join(checkout, file), 'utf8');

/** Required ones filled in as somebody would. */
const filledIn: Record<string, string> = {
  ...exampleEnv,
  STRIPE_SECRET_KEY: 'sk_test_x',
  STRIPE_WEBHOOK_SECRETS: 'whsec_x',
  POSTGRES_PASSWORD: '0123abcd',
  REDIS_PASSWORD: '4567cdef',
};

/** `${NAME:-default}` as compose replaces it. */
function replaced(text: string, values: Record<string, string>): string {
  return text.replace(/\$\{(\w+)(?::-([^}]*))?(?::\?[^}]*)?\}/g, (_, name: string, otherwise = '') => {
    return values[name] || otherwise;
  });
}

function environmentOf(name: string, values: Record<string, string>): Record<string, string> {
  const given = Object.entries(serviceNamed(name).environment).map(([key, text]) => [
    key,
    replaced(String(text), values),
  ]);
  return { ...imageEnv, ...Object.fromEntries(given) };
}

/** The compiled file that a command starts, and the source that it comes from. */
function sourceOf(command: readonly string[]): string {
  const [program, file = ''] = command;
  expect(program).toBe('node');
  expect(file).toMatch(/^dist\/.*\.js$/);
  return file.replace(/^dist\//, '').replace(/\.js$/, '.ts');
}

test('every variable that a container of ours is given is one that the configuration knows', () => {
  const given = ours.flatMap(([, { environment }]) => Object.keys(environment));
  expect([...new Set(given)].filter((name) => !known.includes(name))).toEqual([]);
  const notOurs = ['NODE_ENV', 'NODE_OPTIONS'];
  expect(Object.keys(imageEnv).filter((name) => !known.includes(name) && !notOurs.includes(name))).toEqual([]);
});

test('every variable of the configuration reaches the containers, or is set by the image', () => {
  const given = [...ours.flatMap(([, { environment }]) => Object.keys(environment)), ...Object.keys(imageEnv)];
  expect(known.filter((name) => !given.includes(name))).toEqual([]);
});

test('.env.example has every variable that docker-compose.yml asks for, and no other', () => {
  expect(Object.keys(exampleEnv).sort()).toEqual([...substituted].sort());
});

test('what .env.example names as defaults are the defaults', () => {
  const optional = Object.entries(exampleEnv).filter(
    ([name]) => read('.env.example').includes(`\n#${name}=`) && name in settings.shape,
  );
  const moved = ['SETTLEMENT', 'ADJUSTMENTS', 'ADJUST_STRIPE_INVOICES', 'INVOICE_OWN_PAYMENTS', 'ELIGIBILITY_RULES'];
  const examples = [...moved, 'POLICY', 'STRIPE_RATE_LIMIT', 'BUSINESS_DETAILS', 'SMTP_URL', 'OPERATOR_EMAIL'];
  const required = { DATABASE_URL: 'postgres://x/x', REDIS_URL: 'redis://x', STRIPE_SECRET_KEY: 'sk_test_x' };
  const defaults = loadConfig(required);
  for (const [name, value] of optional.filter(([name]) => !examples.includes(name))) {
    expect(loadConfig({ ...required, [name]: value }), name).toEqual(defaults);
  }
});

test.each(['api', 'worker'])('with a filled in .env the %s has a usable configuration', (name) => {
  for (const values of [filledIn, { ...filledIn, WORKER_CONCURRENCY: '', LOG_LEVEL: '', SETTLEMENT: '' }]) {
    const config = loadConfig(environmentOf(name, values));
    expect(config).toMatchObject({
      HOST: '0.0.0.0',
      DATABASE_URL: 'postgres://quittance:0123abcd@postgres:5432/quittance',
      REDIS_URL: 'redis://:4567cdef@redis:6379',
    });
    expect(new URL(config.REDIS_URL).hostname in services).toBe(true);
    expect(new URL(config.DATABASE_URL).hostname in services).toBe(true);
  }
});

test('the api alone has the webhook secrets, and believes in one proxy', () => {
  const config = loadConfig(environmentOf('api', filledIn));
  expect(config).toMatchObject({ STRIPE_WEBHOOK_SECRETS: ['whsec_x'], TRUSTED_PROXIES: 1 });
  expect(config.publicUrl).toMatch(/^https:/);
  expect(loadConfig(environmentOf('worker', filledIn)).publicUrl).toBe(config.publicUrl);
  expect(serviceNamed('worker').environment).not.toHaveProperty('STRIPE_WEBHOOK_SECRETS');
  expect(Object.keys(serviceNamed('migrate').environment)).toEqual(['DATABASE_URL']);
});

test('the command of every container of ours starts a program that is there', () => {
  const commands = [...ours.map(([, { command }]) => command ?? []), JSON.parse(inFinalStage('CMD')[0] ?? '[]')];
  expect(commands.length).toBeGreaterThan(3);
  for (const command of commands) expect(existsSync(join(checkout, sourceOf(command))), command.join(' ')).toBe(true);
});

test('a process has longer to stop than it takes itself', () => {
  for (const name of ['api', 'worker']) {
    const { stop_grace_period: grace = '10s' } = serviceNamed(name);
    expect(Number.parseInt(grace, 10)).toBeGreaterThan(loadConfig(environmentOf(name, filledIn)).SHUTDOWN_SECONDS);
  }
});

test('all connections that one api and four workers may open fit into Postgres', () => {
  const most = Number(/max_connections=(\d+)/.exec(serviceNamed('postgres').command?.join(' ') ?? '')?.[1]);
  const perWorker = QUEUES.length * loadConfig(environmentOf('worker', filledIn)).WORKER_CONCURRENCY + 4;
  expect(most).toBeGreaterThanOrEqual(10 + 4 * perWorker + 5);
});

test('Redis keeps every job: noeviction, and an append-only file on a volume', () => {
  const command = serviceNamed('redis').command?.join(' ') ?? '';
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(command).toContain('--appendonly yes');
  expect(serviceNamed('redis').volumes).toEqual(['redis:/data']);
});

test('a real Redis, started as the compose file says, answers nobody who has no password', async () => {
  const { command = [], environment } = serviceNamed('redis');
  const [program, ...words] = command.map((word) => replaced(word, filledIn));
  expect(program).toBe('redis-server');
  const { url, withoutPassword } = await startRedisWith(words, '4567cdef');
  expect(replaced(String(environment.REDISCLI_AUTH), filledIn)).toBe('4567cdef');
  expect(loadConfig(environmentOf('api', filledIn)).REDIS_URL.replace('redis:6379', '')).toBe(
    url.replace(/127\.0\.0\.1:\d+$/, ''),
  );
  const redis = new Redis(url, { retryStrategy: null });
  expect(await redis.config('GET', 'maxmemory-policy').then(Object.values<unknown>)).toContain('noeviction');
  redis.disconnect();
  await expect(withoutPassword('PING')).resolves.toMatch(/^-NOAUTH /);
  await expect(withoutPassword('AUTH wrong')).resolves.toMatch(/^-WRONGPASS /);
});

test('nginx is told its name by PUBLIC_URL, where its configuration looks for it', () => {
  const { environment, volumes: mounts } = serviceNamed('nginx');
  expect(replaced(String(environment.PUBLIC_URL), filledIn)).toBe(filledIn.PUBLIC_URL);
  // https://hub.docker.com/_/nginx: /etc/nginx/templates/*.template, less the suffix, into the output folder.
  const template = './deploy/nginx/public-url.conf.template';
  expect(mounts).toContain(`${template}:/etc/nginx/templates/public-url.conf.template:ro`);
  expect(environment.NGINX_ENVSUBST_OUTPUT_DIR).toBe('/etc/nginx');
  expect(read('deploy/nginx/quittance.conf')).toContain('\ninclude public-url.conf;\n');
  const names = [...read(template).matchAll(/\$\{(\w+)\}/g)].map((match) => match[1]);
  expect(names).toEqual(['PUBLIC_URL']);
});

test('only nginx can be reached from outside, and the stores have no way out', () => {
  const open = Object.entries(services).filter(([, { ports }]) => ports.length > 0);
  expect(open.map(([name]) => name)).toEqual(['nginx']);
  for (const store of ['postgres', 'redis']) expect(serviceNamed(store).networks).toEqual(['inside']);
  expect(networks.inside?.internal).toBe(true);
  expect(serviceNamed('nginx').networks).toEqual(['outside']);
});

test('our own containers have neither root nor capabilities, and write nothing; of the others nothing is claimed', () => {
  const hardened = (name: string) => {
    const { read_only, cap_drop, security_opt } = serviceNamed(name);
    return read_only === true && String(cap_drop) === 'ALL' && String(security_opt) === 'no-new-privileges:true';
  };
  expect(Object.keys(services).filter(hardened).sort()).toEqual(ours.map(([name]) => name).sort());
  expect(inFinalStage('USER')).toEqual(['1000:1000']);
  const security = read('SECURITY.md');
  for (const [name, { image }] of Object.entries(services)) {
    if (!ours.some(([own]) => own === name)) expect(security).toContain(`\`${image}\``);
  }
});

test('what is named exists: networks, volumes, mounted files, services waited for', () => {
  for (const [name, service] of Object.entries(services)) {
    for (const network of service.networks) expect(networks, name).toHaveProperty(network);
    for (const [other, { condition }] of Object.entries(service.depends_on)) {
      const waited = serviceNamed(other);
      if (condition === 'service_healthy') expect(waited.healthcheck ?? waited.build, other).toBeDefined();
    }
    for (const mount of service.volumes) {
      const [from = ''] = mount.split(':');
      if (from.startsWith('./')) expect(existsSync(join(checkout, from)), mount).toBe(true);
      else expect(volumes).toHaveProperty(from);
    }
  }
});

test('nginx asks the api at the port that the image sets', () => {
  const upstream = read('deploy/nginx/upstream.conf');
  const [, host = '', port] = /^\s*server (\w+):(\d+)/m.exec(upstream) ?? [];
  expect(serviceNamed(host).command).toContain('dist/src/api/main.js');
  expect(port).toBe(imageEnv.PORT);
  expect(inFinalStage('EXPOSE')).toEqual([`${imageEnv.PORT} ${imageEnv.WORKER_PORT}`]);
  expect(serviceNamed('nginx').ports.map((mapping) => mapping.split(':').at(-1))).toEqual(['80', '443']);
  expect(read('deploy/nginx/quittance.conf')).toMatch(/listen 80;[\s\S]*listen 443 ssl;/);
});

test('docker itself accepts the compose file', ({ skip }) => {
  const docker = (...words: string[]) =>
    spawnSync('docker', ['compose', ...words], {
      cwd: checkout,
      env: cleanEnvironment(filledIn),
      encoding: 'utf8',
      timeout: 20_000,
    });
  if (docker('version').status !== 0) {
    line('! docker compose is not on this machine: docker-compose.yml is checked by the other tests only');
    return skip('docker compose is not on this machine');
  }
  const { status, stderr } = docker('--env-file', '/dev/null', 'config', '--quiet');
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test('nothing secret stands in the files', () => {
  for (const text of [composeText, read('.env.example'), read('Dockerfile')]) {
    expect(text).not.toMatch(/(sk|rk)_(test|live)_\w|whsec_\w/);
  }
  for (const name of ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRETS', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD']) {
    expect(exampleEnv[name]).toBe('');
  }
});
