import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment, localFolder } from '../../bin/lib/checkout.ts';
import { aptInstall } from '../../bin/lib/complaint.ts';
import { withLock } from '../../bin/lib/lock.ts';

/** An nginx that runs here, or the reason why there is none with the command that would bring it. */
export type NginxProgram = { path: string; libraries?: string } | { missing: string };

const cache = join(localFolder, 'cache/nginx');
const run = promisify(execFile);

/** On PATH, else unpacked by an earlier run, else unpacked now from Debian's packages: no root, and no daemon is started. */
export async function findNginx(): Promise<NginxProgram> {
  const found = onPath() ?? unpacked();
  if (found) return found;
  return withLock('nginx-program', async () => {
    const meanwhile = unpacked();
    if (meanwhile) return meanwhile;
    const reason = await unpack().catch(firstLine);
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
  const triplet = readdirSync(join(cache, 'usr/lib')).find((name) => name.endsWith('-linux-gnu'));
  const libraries = triplet === undefined ? undefined : join(cache, 'usr/lib', triplet);
  if (!starts(path, libraries)) return undefined;
  return libraries === undefined ? { path } : { path, libraries };
}

function starts(path: string, libraries?: string): boolean {
  return existsSync(path) && spawnSync(path, ['-v'], { env: { LD_LIBRARY_PATH: libraries ?? '' } }).status === 0;
}

/** With package lists of our own, so that neither root nor fresh lists of the system are needed. */
async function unpack(): Promise<string> {
  mkdirSync(join(localFolder, 'cache'), { recursive: true });
  const work = mkdtempSync(join(localFolder, 'cache/nginx-'));
  try {
    for (const folder of ['state/lists/partial', 'archives/partial', 'root/usr/lib']) {
      mkdirSync(join(work, folder), { recursive: true });
    }
    const settings = [
      `Dir::State=${join(work, 'state')}`,
      'Dir::State::status=/var/lib/dpkg/status',
      `Dir::Cache=${work}`,
      `Dir::Cache::archives=${join(work, 'archives')}`,
      'Debug::NoLocking=1',
      'APT::Sandbox::User=',
      'Acquire::http::Timeout=20',
    ].flatMap((setting) => ['-o', setting]);
    const env = cleanEnvironment({ LC_ALL: 'C' });
    const apt = (...words: string[]) =>
      run('apt-get', ['-qq', ...settings, ...words], { env, cwd: work, timeout: 120_000 });
    await apt('update');
    // A simulated installation names what is missing here, under the names that this release gives to the libraries.
    const plan = await apt('--simulate', '--no-install-recommends', 'install', 'nginx');
    await apt('download', ...[...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => String(match[1])));
    for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(work, file), join(work, 'root')], { env });
    }
    rmSync(cache, { recursive: true, force: true });
    renameSync(join(work, 'root'), cache);
    return 'it does not start';
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
  return text.trim().split('\n')[0] ?? '';
}
