import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from './checkout.ts';
import { aptInstall } from './complaint.ts';
import type { Say } from './progress.ts';

/** A browser for the tests of the pages, or the reason why there is none with the command that would bring it. */
export type Chromium = { path: string } | { missing: string };

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Without recommended packages Chromium comes without any font, and would draw no text. */
const packages = ['chromium', 'fonts-liberation'];

/** The browser named by CHROMIUM_PATH, or on PATH, or installed now where we may (root, with apt-get). */
export function findChromium(say: Say): Chromium {
  const named = process.env.CHROMIUM_PATH;
  if (named)
    return existsSync(named) ? { path: named } : { missing: `CHROMIUM_PATH names ${named}, which is not there` };
  const found = chromiumOnPath();
  if (found !== undefined) return { path: found };
  const command = aptInstall(...packages);
  if (process.getuid?.() !== 0) return { missing: `no Chromium on this machine: type ${command}` };
  say('installing Chromium with apt-get (about 110 MB, once)');
  const reason = install();
  const installed = chromiumOnPath();
  if (installed !== undefined) return { path: installed };
  return { missing: `no Chromium on this machine, and it could not be installed (${reason}): type ${command}` };
}

export function chromiumOnPath(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/bin', '/usr/local/bin'];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

function install(): string {
  const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' });
  const apt = (...words: string[]) =>
    // Another apt-get may hold the lock of the system's packages: wait for it instead of failing.
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...words], {
      env,
      encoding: 'utf8',
      timeout: 300_000,
    });
  const updated = apt('update');
  if (updated.status !== 0) return firstLine(updated.stderr) ?? updated.error?.message ?? 'apt-get update failed';
  const installed = apt('install', '-y', '--no-install-recommends', ...packages);
  return firstLine(installed.stderr) ?? installed.error?.message ?? `apt-get ended with ${installed.status}`;
}

function firstLine(text: string | undefined): string | undefined {
  return text?.split('\n').find((line) => line.startsWith('E:'));
}
