import { spawnSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { checkoutId } from './checkout.ts';
import { noteOutsideFolder, type Run } from './runs.ts';

/** The user as whom Postgres runs: it refuses to run as root. Empty when we are not root: then it runs as ourselves. */
export type Account = { uid: number; gid: number } | Record<string, never>;

const nobody = 65534;

export function postgresAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : { uid: nobody, gid: nobody };
}

/** Whether that account can reach and read a file (`-r`) or pass through a folder (`-x`), with all folders above it. */
export function canReach(account: Account, test: '-r' | '-x', path: string): boolean {
  return spawnSync('test', [test, path], { ...account, cwd: '/' }).status === 0;
}

/**
 * A folder that the account can pass through, for this run's data: the run's own, or, when the checkout lies where only
 * root may look (`/root` is 0700), one under /var/tmp that is noted in the run and goes with it.
 */
export function reachableFolder(run: Run, account: Account): string {
  if (canReach(account, '-x', run.folder)) return run.folder;
  const folder = join(folderForRoot(checkoutId), basename(run.folder));
  noteOutsideFolder(run, folder);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  return folder;
}

/** A folder of root's under /var/tmp. */
export function folderForRoot(name: string): string {
  return ownFolder(`/var/tmp/quittance-${name}`);
}

/** A folder where anybody may write: what carries our name must be proven ours. Others may pass through it. */
export function ownFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new Error(`${folder} belongs to another user: remove it`);
  }
  chmodSync(folder, 0o711);
  return folder;
}
