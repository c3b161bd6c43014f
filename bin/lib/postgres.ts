import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { cleanEnvironment } from './checkout.ts';
import { freePort } from './free-port.ts';
import { isAlive, type StopOptions, stopProcess } from './identity.ts';
import { memoryFolder } from './memory-folder.ts';
import { type Account, postgresAccount, reachableFolder } from './postgres-account.ts';
import { findPostgres, type PostgresPrograms } from './postgres-programs.ts';
import { forgetProcess, type Run, type RunProcess } from './runs.ts';
import { spawnNoted } from './spawn.ts';

export type PostgresServer = {
  /** Of the database `quittance`, with user and password. */
  url: string;
  version: string;
  pid(): number;
  /** Stops it; SIGINT (default) rolls open transactions back, SIGKILL is a crash. */
  stop(options?: StopOptions): Promise<void>;
  /** Starts it again on the same data and the same port. */
  start(): Promise<void>;
};

export type PostgresOptions = {
  /** With fsync and on a disk, as in production; without, a crash of the machine loses data, and tests are faster. */
  durable: boolean;
};

const startTimeout = 30_000;

/** Everything that a start of one server needs; only the port may change until it is up for the first time. */
type Server = {
  run: Run;
  name: string;
  account: Account;
  programs: PostgresPrograms;
  data: string;
  port: number;
  durable: boolean;
};

/** A fresh private Postgres on a free port of 127.0.0.1, up and with an empty database `quittance`. */
export async function createPostgres(run: Run, name: string, { durable }: PostgresOptions): Promise<PostgresServer> {
  const account = postgresAccount();
  const programs = await findPostgres(account);
  const folder = (durable ? undefined : memoryFolder(run)) ?? reachableFolder(run, account);
  const data = join(folder, name);
  const server: Server = { run, name, account, programs, data, port: await freePort(), durable };
  const password = randomBytes(18).toString('base64url');
  initialise(server, password);

  let running: RunProcess;
  for (let attempt = 1; ; attempt++) {
    try {
      running = await launch(server);
      break;
    } catch (error) {
      if (attempt === 5 || !/could not bind|in use/.test(String(error))) throw error;
      server.port = await freePort(); // taken in the moment between
    }
  }
  const base = `postgres://quittance:${password}@127.0.0.1:${server.port}`;
  await furnish(`${base}/postgres`);

  return {
    url: `${base}/quittance`,
    version: programs.version,
    pid: () => running.pid,
    stop: async (options) => {
      await stopProcess(running, { signal: 'SIGINT', ...options });
      forgetProcess(run, running);
    },
    start: async () => {
      running = await launch(server);
    },
  };
}

function initialise({ programs, account, data }: Server, password: string): void {
  mkdirSync(data, { mode: 0o700 });
  chmodSync(data, 0o700);
  const passwordFile = `${data}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account.uid !== undefined) for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid);
  const flags = ['--username=quittance', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const layout = ['--encoding=UTF8', '--no-locale', '--no-sync', '--no-instructions'];
  const made = spawnSync(join(programs.bin, 'initdb'), [`--pgdata=${data}`, ...flags, ...layout], {
    ...account,
    cwd: '/',
    env: cleanEnvironment({ LC_ALL: 'C' }),
    encoding: 'utf8',
  });
  rmSync(passwordFile);
  if (made.status !== 0) throw new Error(`initdb failed (${made.error?.message ?? made.status}): ${made.stderr ?? ''}`);
}

async function launch({ run, name, account, programs, data, port, durable }: Server): Promise<RunProcess> {
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    // Tests run many systems side by side, and kill dozens of processes at once.
    max_connections: durable ? '300' : '800',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Files of the log are kept and used again: a commit that needs a new one waits until it is written full of zeros.
    ...(durable
      ? { min_wal_size: '1GB', max_wal_size: '4GB' }
      : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '256MB' }),
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const noted = { name, store: true, stopSignal: 'SIGINT', url: `127.0.0.1:${port}` } as const;
  const env = cleanEnvironment({ LC_ALL: 'C' });
  const command = {
    program: join(programs.bin, 'postgres'),
    words: ['-D', data, ...flags],
    env,
    folder: '/',
    ...account,
  };
  const { process: started, said } = spawnNoted(run, noted, command);

  const deadline = performance.now() + startTimeout;
  while (!isReady(data, started.pid)) {
    if (!isAlive(started)) {
      forgetProcess(run, started);
      throw new Error(`Postgres ended at once: ${said()}`);
    }
    if (performance.now() > deadline) {
      await stopProcess(started);
      throw new Error(`Postgres was not ready after ${startTimeout / 1000} s: ${said()}`);
    }
    await sleep(20);
  }
  return started;
}

/** The last line of postmaster.pid tells the state, as pg_ctl reads it. */
function isReady(data: string, pid: number): boolean {
  const file = join(data, 'postmaster.pid');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}

async function furnish(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Event bodies are large JSON: lz4 compresses them several times faster than the default, where it was built in.
    const found = await client.query("select enumvals from pg_settings where name = 'default_toast_compression'");
    if (found.rows[0]?.enumvals?.includes('lz4')) {
      await client.query("alter system set default_toast_compression = 'lz4'");
      await client.query('select pg_reload_conf()');
    }
    await client.query('create database quittance');
  } finally {
    await client.end();
  }
}
