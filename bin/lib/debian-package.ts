import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment, localFolder } from './checkout.ts';

const run = promisify(execFile);

export function canUnpackPackages(): boolean {
  return ['apt-get', 'dpkg'].every((program) => spawnSync(program, ['--version']).status === 0);
}

/** Where the libraries of unpacked packages lie, for LD_LIBRARY_PATH. */
export function librariesIn(folder: string): string | undefined {
  const libraries = join(folder, 'usr/lib');
  const triplet = existsSync(libraries)
    ? readdirSync(libraries).find((name) => name.endsWith('-linux-gnu'))
    : undefined;
  return triplet === undefined ? undefined : join(libraries, triplet);
}

/**
 * Downloads the package and what it needs that this system lacks, and unpacks them side by side into `folder`. Package
 * lists and state are our own, so neither root nor fresh lists of the system are needed, and nothing of the system changes.
 */
export async function unpackDebianPackage(name: string, folder: string): Promise<void> {
  mkdirSync(join(localFolder, 'cache'), { recursive: true });
  const work = mkdtempSync(join(localFolder, `cache/${name}-`));
  try {
    const folders = { lists: join(work, 'state/lists'), archives: join(work, 'archives'), root: join(work, 'root') };
    for (const made of [join(folders.lists, 'partial'), join(folders.archives, 'partial'), folders.root]) {
      mkdirSync(made, { recursive: true });
    }
    const settings = [
      `Dir::State=${join(work, 'state')}`,
      'Dir::State::status=/var/lib/dpkg/status',
      `Dir::Cache=${work}`,
      `Dir::Cache::archives=${folders.archives}`,
      'Debug::NoLocking=1',
      'APT::Sandbox::User=',
      'Acquire::Retries=2',
      'Acquire::http::Timeout=20',
    ].flatMap((setting) => ['-o', setting]);
    const env = cleanEnvironment({ LC_ALL: 'C' });
    const apt = (...words: string[]) =>
      run('apt-get', ['-qq', ...settings, ...words], { env, cwd: work, timeout: 180_000 });
    await apt('update');
    // A simulated installation names what is missing here, under the names that this release gives to the libraries.
    const plan = await apt('--simulate', '--no-install-recommends', 'install', name);
    const packages = [...plan.stdout.matchAll(/^Inst (\S+)/gm)].map((match) => String(match[1]));
    await apt('download', ...packages);
    for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(work, file), folders.root], { env });
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(folders.root, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
