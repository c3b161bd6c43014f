import { createApiKey, listApiKeys, revokeApiKey } from '../billing/api-keys.ts';
import { listOf, minute, onDatabase, operator, say } from './on-database.ts';

export async function createKey(name: string, { scopes }: { scopes: string }): Promise<void> {
  await onDatabase(async (db) => {
    const key = await createApiKey(db, name, listOf(scopes), operator());
    process.stderr.write('This key is shown once. Only its hash is stored:\n');
    say(key);
  });
}

export async function listKeys(): Promise<void> {
  await onDatabase(async (db) => {
    const keys = await listApiKeys(db);
    if (keys.length === 0) say('There are no API keys.');
    for (const { name, scopes, created_at, last_used_at, revoked_at } of keys) {
      const used = last_used_at ? `last used ${minute(last_used_at)}` : 'never used';
      const revoked = revoked_at ? `  REVOKED ${minute(revoked_at)}` : '';
      say(`${name}  ${scopes.join(',')}  made ${minute(created_at)}  ${used}${revoked}`);
    }
  });
}

export async function revokeKey(name: string, { reason }: { reason: string }): Promise<void> {
  await onDatabase(async (db) => {
    await revokeApiKey(db, name, operator(), reason);
    say(`${name} is refused from now on.`);
  });
}
