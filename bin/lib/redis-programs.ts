import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment, localFolder } from './checkout.ts';
import { aptInstall, Complaint } from './complaint.ts';
import { canUnpackPackages, librariesIn, unpackDebianPackage } from './debian-package.ts';
import { withLock } from './lock.ts';
import type { Say } from './progress.ts';

/** A Redis that runs here: a program with the folder of its libraries (when it was unpacked by us), or a container. */
export type RedisProgram =
  | { kind: 'program'; path: string; libraries?: string; version: string }
  | { kind: 'container'; version: string };

const names = ['redis-server', 'valkey-server'];
const cache = join(localFolder, 'cache/redis');

export const redisImage = 'redis:7';

/** BullMQ 6 needs this one. */
const oldest = { major: 6, minor: 2 };

/** On PATH, else unpacked by an earlier run, else unpacked now from Debian's packages (no root), else by Docker. */
export async function findRedis(say: Say): Promise<RedisProgram> {
  return onPath() ?? unpacked() ?? (await unpack(say)) ?? container(say) ?? complain();
}

function onPath(): RedisProgram | undefined {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/bin', '/usr/local/bin', '/usr/sbin'];
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    const program = existsSync(path) ? tried(path) : undefined;
    if (program !== undefined) return program;
  }
  return undefined;
}

function unpacked(): RedisProgram | undefined {
  const libraries = librariesIn(cache);
  for (const path of names.map((name) => join(cache, 'usr/bin', name))) {
    const program = existsSync(path) ? tried(path, libraries) : undefined;
    if (program !== undefined) return program;
  }
  return undefined;
}

/** The program, when it starts at all (a library may be missing) and is new enough. */
function tried(path: string, libraries?: string): RedisProgram | undefined {
  const environment = cleanEnvironment({ LD_LIBRARY_PATH: libraries });
  const answer = spawnSync(path, ['--version'], { env: environment, encoding: 'utf8' });
  const version = /v=(\d+)\.(\d+)\.\S+/.exec(answer.stdout ?? '');
  if (answer.status !== 0 || version === null) return undefined;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major < oldest.major || (major === oldest.major && minor < oldest.minor)) return undefined;
  return { kind: 'program', path, version: version[0].slice(2), ...(libraries ? { libraries } : {}) };
}

async function unpack(say: Say): Promise<RedisProgram | undefined> {
  if (!canUnpackPackages()) return undefined;
  return withLock('redis-programs', async () => {
    const meanwhile = unpacked();
    if (meanwhile !== undefined) return meanwhile;
    for (const name of names) {
      say(`unpacking ${name} from the system's packages (once, no root needed)`);
      try {
        await unpackDebianPackage(name, cache);
        const program = unpacked();
        if (program !== undefined) return program;
      } catch (error) {
        const reason = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n')[0] : error;
        say(`not possible: ${reason}`);
      }
    }
    return undefined;
  });
}

function container(say: Say): RedisProgram | undefined {
  if (spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status !== 0) return undefined;
  say(`pulling the Docker image ${redisImage}`);
  const pulled = spawnSync('docker', ['pull', '--quiet', redisImage], { stdio: 'ignore' }).status === 0;
  return pulled ? { kind: 'container', version: `${redisImage} (Docker)` } : undefined;
}

function complain(): never {
  throw new Complaint(
    'No Redis was found (looked for redis-server and valkey-server on PATH, Debian packages and Docker): install one, or give REDIS_URL.',
    aptInstall('redis-server'),
  );
}
