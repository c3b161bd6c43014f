import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from './ask.ts';
import { cleanEnvironment } from './checkout.ts';
import { aptInstall } from './complaint.ts';
import type { Say } from './progress.ts';

/** A browser for the tests of the pages, or the reason why there is none with the command that would bring it. */
export type Chromium = { path: string } | { missing: string };

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Without recommended packages Chromium comes without any font, and would draw no text. */
const packages = ['chromium', 'fonts-liberation'];

/** The browser named by CHROMIUM_PATH, or on PATH, or installed now where we may (root, with apt-get). */
export async function findChromium(say: Say): Promise<Chromium> {
  const named = process.env.CHROMIUM_PATH;
  if (named)
    return existsSync(named) ? { path: named } : { missing: `CHROMIUM_PATH names ${named}, which is not there` };
  const found = chromiumOnPath();
  if (found !== undefined) return { path: found };
  const command = aptInstall(...packages);
  if (process.getuid?.() !== 0) return { missing: `no Chromium on this machine: type ${command}` };
  say('installing Chromium with apt-get (about 110 MB, once)');
  const reason = await install();
  const installed = chromiumOnPath();
  if (installed !== undefined) return { path: installed };
  return { missing: `no Chromium on this machine, and it could not be installed (${reason}): type ${command}` };
}

export function chromiumOnPath(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':').filter(Boolean), '/usr/bin', '/usr/local/bin'];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

async function install(): Promise<string> {
  const env = cleanEnvironment({ DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' });
  const apt = (...words: string[]) =>
    // Another apt-get may hold the lock of the system's packages: wait for it instead of failing.
    ask('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=120', ...words], env, 300_000);
  const updated = await apt('update');
  if (updated.code !== 0) return complaintIn(updated.said) ?? 'apt-get update failed';
  const installed = await apt('install', '-y', '--no-install-recommends', ...packages);
  return complaintIn(installed.said) ?? `apt-get ended with ${installed.code}`;
}

function complaintIn(text: string): string | undefined {
  return text.split('\n').find((line) => line.startsWith('E:'));
}
