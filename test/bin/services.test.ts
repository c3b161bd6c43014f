import { spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { identify, isAlive } from '../../bin/lib/identity.ts';
import { type OtherCheckout, otherCheckout } from '../support/checkouts.ts';
import { until } from '../support/eventually.ts';

type Noted = { pid: number; startedAt: string; name: string };

function urlsIn(output: string): { DATABASE_URL: string; REDIS_URL: string } {
  const found = Object.fromEntries(output.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)));
  return { DATABASE_URL: String(found.DATABASE_URL), REDIS_URL: String(found.REDIS_URL) };
}

function runsOf({ folder }: OtherCheckout): string[] {
  const runs = join(folder, '.local/runs');
  return existsSync(runs) ? readdirSync(runs) : [];
}

describe('bin/services in a checkout under a folder that only its owner may enter, with spaces in its path', () => {
  const other = otherCheckout();

  test('two starts side by side end in one Postgres and one Redis, which a third start finds', async () => {
    const [first, second] = await Promise.all([other.run('bin/services', 'start'), other.run('bin/services', 'start')]);
    expect(first.stderr + second.stderr).toContain('Already up');
    expect([first.code, second.code]).toEqual([0, 0]);
    expect(first.stdout).toBe(second.stdout);
    expect((await other.run('bin/services', 'start')).stdout).toBe(first.stdout);
    expect(runsOf(other)).toHaveLength(1);
  });

  test('what it prints can be used: Postgres is durable, Redis evicts nothing and appends', async () => {
    const { DATABASE_URL, REDIS_URL } = urlsIn((await other.run('bin/services', 'start')).stdout);
    const postgres = new pg.Client({ connectionString: DATABASE_URL });
    await postgres.connect();
    const settings = await postgres.query(
      "select current_setting('fsync') fsync, current_setting('max_connections') max",
    );
    await postgres.end();
    expect(settings.rows).toEqual([{ fsync: 'on', max: '300' }]);
    const redis = new Redis(REDIS_URL);
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    redis.disconnect();
  });

  test('only those who know the password get in', async () => {
    const { DATABASE_URL, REDIS_URL } = urlsIn((await other.run('bin/services', 'start')).stdout);
    const withoutPassword = DATABASE_URL.replace(/:[^:@]+@/, ':wrong@');
    await expect(new pg.Client({ connectionString: withoutPassword }).connect()).rejects.toThrow(
      'authentication failed',
    );
    const redis = new Redis(REDIS_URL.replace(/\/\/.*@/, '//'), { retryStrategy: null, maxRetriesPerRequest: 0 });
    redis.on('error', () => {}); // the command tells
    await expect(redis.ping()).rejects.toThrow('NOAUTH');
    redis.disconnect();
    const [run] = runsOf(other);
    expect(statSync(join(other.folder, '.local/runs', String(run), 'services.json')).mode & 0o077).toBe(0);
  });

  test('status lists them; stop ends them and removes their data', async () => {
    expect((await other.run('bin/services', 'status')).stdout).toMatch(/services of .*\n {2}postgres .*\n {2}redis /);
    const stopped = await other.run('bin/services', 'stop');
    expect(stopped.stdout).toBe('2 processes stopped, 1 runs removed\n');
    expect(runsOf(other)).toEqual([]);
    expect((await other.run('bin/services', 'status')).stdout).toBe('Nothing runs\n');
  });

  test('a word it does not know gets the usage and exit code 2', async () => {
    const { code, stderr } = await other.run('bin/services', 'restart');
    expect(code).toBe(2);
    expect(stderr).toContain('Usage: bin/services start | stop | status');
  });
});

describe('after a crash', () => {
  const other = otherCheckout();
  const crashing = `
    import { createRun } from './runs.ts';
    import { createRedis } from './redis.ts';
    const run = createRun('test');
    const redis = await createRedis(run, 'redis');
    console.log(JSON.stringify({ pid: redis.pid() }));
    process.kill(process.pid, 'SIGKILL');
  `;

  async function crash(): Promise<Noted> {
    other.write('bin/lib/crash.ts', crashing);
    const child = spawn(process.execPath, [join(other.folder, 'bin/lib/crash.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    await until(() => child.signalCode === 'SIGKILL', { what: 'the process has crashed' });
    const { pid } = JSON.parse(said);
    const identity = identify(pid);
    if (identity === undefined) throw new Error('Bug: the Redis of the crashed run should be alive');
    return { ...identity, name: 'redis' };
  }

  test('the next start ends what a crashed test run left behind', async () => {
    const left = await crash();
    expect((await other.run('bin/services', 'status')).stdout).toContain('left behind');
    expect((await other.run('bin/services', 'start')).code).toBe(0);
    expect(isAlive(left)).toBe(false);
    expect(runsOf(other)).toHaveLength(1);
  });

  test('stop ends it too', async () => {
    const left = await crash();
    const { stderr } = await other.run('bin/services', 'stop');
    expect(stderr).toContain(`Stopped redis (${left.pid})`);
    expect(isAlive(left)).toBe(false);
    expect(runsOf(other)).toEqual([]);
  });
});
