import { addEndpoint, enableEndpoint, removeEndpoint } from '../billing/outgoing/manage-endpoints.ts';
import { listEndpoints } from '../messages/endpoints.ts';
import { loadConfig } from '../platform/config.ts';
import { listOf, minute, onDatabase, operator } from './on-database.ts';
import type { Terminal } from './terminal.ts';

/** The business's own systems that are told what happens. */
export async function addWebhook(terminal: Terminal, url: string, { types }: { types: string }): Promise<void> {
  const { ALLOW_PRIVATE_WEBHOOKS: allowPrivate } = loadConfig(terminal.env);
  await onDatabase(terminal, async (db) => {
    const secret = await addEndpoint(db, { url, types: listOf(types), allowPrivate }, operator());
    terminal.stderr.write('Events are signed with this secret. It is shown once:\n');
    terminal.say(secret);
  });
}

export async function listWebhooks(terminal: Terminal): Promise<void> {
  await onDatabase(terminal, async (db, timeZone) => {
    const endpoints = await listEndpoints(db);
    if (endpoints.length === 0) terminal.say('Nobody is told anything: there are no endpoints.');
    for (const { url, types, created_at, disabled_at, disabled_reason } of endpoints) {
      const disabled = disabled_at ? `  DISABLED ${minute(disabled_at, timeZone)}: ${disabled_reason ?? ''}` : '';
      terminal.say(`${url}  ${types.join(',') || 'all types'}  since ${minute(created_at, timeZone)}${disabled}`);
    }
  });
}

export async function removeWebhook(terminal: Terminal, url: string, { reason }: { reason: string }): Promise<void> {
  await onDatabase(terminal, async (db) => {
    await removeEndpoint(db, url, operator(), reason);
    terminal.say(`${url} is told nothing any more.`);
  });
}

export async function enableWebhook(terminal: Terminal, url: string, { reason }: { reason: string }): Promise<void> {
  await onDatabase(terminal, async (db) => {
    await enableEndpoint(db, url, operator(), reason);
    terminal.say(`${url} is told what happens from now on. What was skipped: messages list --state skipped`);
  });
}
