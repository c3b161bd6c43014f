import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { localFolder } from '../../bin/lib/checkout.ts';
import { aptInstall } from '../../bin/lib/complaint.ts';
import { librariesIn, unpackDebianPackage } from '../../bin/lib/debian-package.ts';
import { withLock } from '../../bin/lib/lock.ts';

/** An nginx that runs here, or the reason why there is none with the command that would bring it. */
export type NginxProgram = NginxHere | { missing: string };
export type NginxHere = { path: string; libraries?: string };

const cache = join(localFolder, 'cache/nginx');

/** On PATH, else unpacked by an earlier run, else unpacked now from Debian's packages: no root, and no daemon is started. */
export async function findNginx(): Promise<NginxProgram> {
  const found = onPath() ?? unpacked();
  if (found) return found;
  return withLock('nginx-program', async () => {
    const meanwhile = unpacked();
    if (meanwhile) return meanwhile;
    const reason = await unpackDebianPackage('nginx', cache).then(() => 'it does not start', firstLine);
    return unpacked() ?? { missing: `no nginx on this machine, and none could be unpacked (${reason}): ${command}` };
  });
}

const command = aptInstall('nginx');

function onPath(): NginxProgram | undefined {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/sbin', '/usr/local/sbin'];
  const path = folders.map((folder) => join(folder, 'nginx')).find((candidate) => starts(candidate));
  return path === undefined ? undefined : { path };
}

function unpacked(): NginxProgram | undefined {
  const path = join(cache, 'usr/sbin/nginx');
  if (!existsSync(path)) return undefined;
  const libraries = librariesIn(cache);
  if (!starts(path, libraries)) return undefined;
  return libraries === undefined ? { path } : { path, libraries };
}

function starts(path: string, libraries?: string): boolean {
  return existsSync(path) && spawnSync(path, ['-v'], { env: { LD_LIBRARY_PATH: libraries ?? '' } }).status === 0;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n')[0] ?? '';
}
