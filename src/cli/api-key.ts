import { createApiKey, lastDayOf, listApiKeys, revokeApiKey } from '../billing/people/api-keys.ts';
import { listOf, minute, onDatabase, operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

export async function createKey(
  terminal: Terminal,
  name: string,
  { scopes, expires }: { scopes: string; expires?: string },
): Promise<void> {
  await onDatabase(terminal, async (db) => {
    const key = await createApiKey(db, name, listOf(scopes), operator(), expires);
    terminal.stderr.write('This key is shown once. Only its hash is stored:\n');
    terminal.say(key);
  });
}

export async function listKeys(terminal: Terminal): Promise<void> {
  await onDatabase(terminal, async (db, timeZone) => {
    const keys = await listApiKeys(db);
    if (keys.length === 0) terminal.say('There are no API keys.');
    for (const { name, scopes, created_at, last_used_at, expires_at, revoked_at } of keys) {
      const used = last_used_at ? `last used ${minute(last_used_at, timeZone)}` : 'never used';
      const until = expires_at
        ? `  ${expires_at <= new Date() ? 'EXPIRED after' : 'until'} ${lastDayOf(expires_at)}`
        : '';
      const revoked = revoked_at ? `  REVOKED ${minute(revoked_at, timeZone)}` : '';
      terminal.say(`${name}  ${scopes.join(',')}  made ${minute(created_at, timeZone)}  ${used}${until}${revoked}`);
    }
  });
}

export async function revokeKey(terminal: Terminal, name: string, { reason }: { reason: string }): Promise<void> {
  await onDatabase(terminal, async (db) => {
    await revokeApiKey(db, name, operator(), reason);
    terminal.say(`${name} is refused from now on.`);
  });
}
