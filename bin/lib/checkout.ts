import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this checkout, without symbolic links. */
export const checkout = realpathSync(resolve(dirname(fileURLToPath(import.meta.url)), '../..'));

/** All state that running leaves behind: `.local/` of the checkout. Deleting it while nothing runs does no harm. */
export const localFolder = join(checkout, '.local');

/** Tells checkouts of one machine apart where they must share a place or a name. */
export const checkoutId = createHash('sha256').update(checkout).digest('hex').slice(0, 12);

/** What a process may see of the shell that started us. Everything else (keys, passwords, URLs) is given by name. */
const inherited = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'COLORTERM', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL'];
const alsoInherited = ['CI', 'NO_COLOR', 'FORCE_COLOR', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];

export type Environment = Record<string, string>;

/** Where Node keeps what it has compiled: a program that was started before starts in less time. */
const compileCache = join(localFolder, 'compile-cache');

/** An environment without the secrets of the caller's shell, plus what is named in `extra`. */
export function cleanEnvironment(extra: Record<string, string | undefined> = {}): Environment {
  const environment: Environment = { NODE_COMPILE_CACHE: compileCache };
  for (const name of [...inherited, ...alsoInherited]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  environment.PATH = `${join(checkout, 'node_modules/.bin')}:${environment.PATH ?? '/usr/local/bin:/usr/bin:/bin'}`;
  for (const [name, value] of Object.entries(extra)) {
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
