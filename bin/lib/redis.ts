import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { cleanEnvironment } from './checkout.ts';
import { freePort } from './free-port.ts';
import { isAlive, type StopOptions, stopProcess } from './identity.ts';
import type { Say } from './progress.ts';
import { findRedis, type RedisProgram, redisImage } from './redis-programs.ts';
import { forgetProcess, type Run, type RunProcess } from './runs.ts';
import { spawnNoted } from './spawn.ts';

export type RedisServer = {
  /** Of database 0, with the password. */
  url: string;
  version: string;
  pid(): number;
  stop(options?: StopOptions): Promise<void>;
  /** Starts it again on the same data and the same port. */
  start(): Promise<void>;
};

const startTimeout = 20_000;

/** Everything that a start of one server needs; only the port may change until it is up for the first time. */
type Server = { run: Run; name: string; program: RedisProgram; folder: string; port: number; password: string };

/** A fresh private Redis on a free port of 127.0.0.1: no eviction, append-only file, 4,096 databases for tests to share. */
export async function createRedis(run: Run, name: string, say: Say = () => {}): Promise<RedisServer> {
  const program = await findRedis(say);
  const password = randomBytes(18).toString('base64url');
  const server: Server = { run, name, program, folder: join(run.folder, name), port: await freePort(), password };
  mkdirSync(server.folder, { recursive: true, mode: 0o700 });
  let running: RunProcess;
  for (let attempt = 1; ; attempt++) {
    try {
      running = await launch(server);
      break;
    } catch (error) {
      if (attempt === 5 || !/in use|already allocated/i.test(String(error))) throw error;
      server.port = await freePort(); // taken in the moment between
    }
  }
  return {
    url: urlOf(server),
    version: program.version,
    pid: () => running.pid,
    stop: async (options) => {
      await stopProcess(running, options);
      forgetProcess(run, running);
    },
    start: async () => {
      running = await launch(server);
    },
  };
}

function urlOf({ port, password }: Server): string {
  return `redis://:${password}@127.0.0.1:${port}/0`;
}

async function launch(server: Server): Promise<RunProcess> {
  const { run, name, program, folder, port } = server;
  const noted = { name, store: true, stopSignal: 'SIGTERM', url: `127.0.0.1:${port}` } as const;
  const words = program.kind === 'program' ? [configuration(server)] : containerWords(server);
  const env = cleanEnvironment({ LD_LIBRARY_PATH: program.kind === 'program' ? program.libraries : undefined });
  const command = { program: program.kind === 'program' ? program.path : 'docker', words, env, folder };
  const { process: started, said } = spawnNoted(run, noted, command);

  const deadline = performance.now() + startTimeout;
  while (!(await answers(urlOf(server)))) {
    if (!isAlive(started)) {
      forgetProcess(run, started);
      throw new Error(`Redis ended at once: ${said()}`);
    }
    if (performance.now() > deadline) {
      await stopProcess(started);
      throw new Error(`Redis was not ready after ${startTimeout / 1000} s: ${said()}`);
    }
    await sleep(20);
  }
  return started;
}

/** Written to a file, because everybody on the machine can read a command line. */
function configuration(server: Server): string {
  const file = join(server.folder, 'redis.conf');
  const inside = server.program.kind === 'container';
  const place = inside
    ? ['port 6379', 'bind 0.0.0.0', 'dir /data']
    : [`port ${server.port}`, 'bind 127.0.0.1', `dir "${server.folder.replaceAll('"', '\\"')}"`];
  // BullMQ keeps its jobs in Redis: an evicted key is a lost job.
  const safety = ['appendonly yes', 'appendfsync everysec', 'save ""', 'maxmemory-policy noeviction'];
  const lines = [...place, ...safety, `requirepass ${server.password}`, 'databases 4096', ''];
  writeFileSync(file, lines.join('\n'), { mode: inside ? 0o644 : 0o600 }); // in the container another user reads it
  return file;
}

/** `docker run` in the foreground: it ends on SIGTERM as a program would, and takes the container with it. */
function containerWords(server: Server): string[] {
  const mount = ['--volume', `${configuration(server)}:/etc/redis.conf:ro`];
  const publish = ['--publish', `127.0.0.1:${server.port}:6379`];
  const name = ['--name', `quittance-${server.name}-${server.port}`];
  return ['run', '--rm', ...name, ...mount, ...publish, redisImage, 'redis-server', '/etc/redis.conf'];
}

async function answers(url: string): Promise<boolean> {
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
  });
  client.on('error', () => {}); // the answer is false
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}
