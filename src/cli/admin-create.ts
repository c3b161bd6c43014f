import { text } from 'node:stream/consumers';
import { ADMIN_NAME, SHORTEST_PASSWORD, saveAdmin } from '../billing/admins.ts';
import { databaseUrl } from '../platform/config.ts';
import { connect } from '../platform/db.ts';
import type { Terminal } from './terminal.ts';

export async function createAdmin(
  { env, stdin, stderr, say }: Terminal,
  name: string,
  { role }: { role: string },
): Promise<void> {
  if (!ADMIN_NAME.test(name)) {
    throw new Error(
      `NAME ${name} may hold lower-case letters, digits and . _ @ - only, and begin with a letter or digit.`,
    );
  }
  if (role !== 'operator' && role !== 'viewer') throw new Error(`--role must be operator or viewer, not ${role}.`);
  if (stdin.isTTY) stderr.write('Type the password, then Enter and Ctrl-D: ');
  const password = (await text(stdin)).replace(/\r?\n$/, '');
  if (password.length < SHORTEST_PASSWORD)
    throw new Error(`The password needs at least ${SHORTEST_PASSWORD} characters.`);
  const db = connect(databaseUrl(env), { name: 'cli', connections: 2 });
  try {
    await saveAdmin(db, name, password, role);
    say(`${name} may sign in as ${role}.`);
  } finally {
    await db.destroy();
  }
}
