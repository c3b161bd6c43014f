import { addEndpoint, enableEndpoint, listEndpoints, removeEndpoint } from '../messages/endpoints.ts';
import { loadConfig } from '../platform/config.ts';
import { listOf, minute, onDatabase, operator, say } from './on-database.ts';

/** The business's own systems that are told what happens. */
export async function addWebhook(url: string, { types }: { types: string }): Promise<void> {
  const { ALLOW_PRIVATE_WEBHOOKS: allowPrivate } = loadConfig();
  await onDatabase(async (db) => {
    const secret = await addEndpoint(db, { url, types: listOf(types), allowPrivate }, operator());
    process.stderr.write('Events are signed with this secret. It is shown once:\n');
    say(secret);
  });
}

export async function listWebhooks(): Promise<void> {
  await onDatabase(async (db) => {
    const endpoints = await listEndpoints(db);
    if (endpoints.length === 0) say('Nobody is told anything: there are no endpoints.');
    for (const { url, types, created_at, disabled_at, disabled_reason } of endpoints) {
      const disabled = disabled_at ? `  DISABLED ${minute(disabled_at)}: ${disabled_reason ?? ''}` : '';
      say(`${url}  ${types.join(',') || 'all types'}  since ${minute(created_at)}${disabled}`);
    }
  });
}

export async function removeWebhook(url: string, { reason }: { reason: string }): Promise<void> {
  await onDatabase(async (db) => {
    await removeEndpoint(db, url, operator(), reason);
    say(`${url} is told nothing any more.`);
  });
}

export async function enableWebhook(url: string, { reason }: { reason: string }): Promise<void> {
  await onDatabase(async (db) => {
    await enableEndpoint(db, url, operator(), reason);
    say(`${url} is told what happens from now on. What was skipped: messages list --state skipped`);
  });
}
