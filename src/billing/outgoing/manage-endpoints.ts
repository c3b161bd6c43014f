import { insertEndpoint, markEnabled, markRemoved, type NewEndpoint, urlOfEndpoint } from '../../messages/endpoints.ts';
import type { Db } from '../../platform/db.ts';
import { recordAudit } from '../desk/audit-log.ts';
import { withdrawQuestions } from '../desk/review-items.ts';
import { aboutEndpoint } from './questions.ts';

/**
 * What people do with the business's own systems that are told what happens. Each change is audited, and ends what was asked
 * because of it.
 */

/**
 * @param actor e.g. `cli:root`
 * @returns the signing secret (`whsec_…`), to be shown once
 * @throws Error that says what is wrong with the URL or the types
 */
export async function addEndpoint(db: Db, endpoint: NewEndpoint, actor: string): Promise<string> {
  return db.transaction(async (trx) => {
    const { url, secret } = await insertEndpoint(trx, endpoint);
    const types = endpoint.types.join(', ') || 'all';
    await recordAudit(trx, { actor, action: 'webhook.add', subject: url, reason: `types: ${types}` });
    return secret;
  });
}

/** @throws Error when there is no such endpoint */
export async function removeEndpoint(db: Db, url: string, actor: string, reason: string): Promise<void> {
  await db.transaction(async (trx) => {
    const { id, url: subject } = await markRemoved(trx, url);
    await withdrawQuestions(trx, ['webhook_gone', 'message_undelivered'], aboutEndpoint(id), `${actor} has removed it`);
    await recordAudit(trx, { actor, action: 'webhook.remove', subject, reason });
  });
}

/** After the cause is mended. @throws Error when there is no such endpoint */
export async function enableEndpoint(db: Db, url: string, actor: string, reason: string): Promise<void> {
  await db.transaction(async (trx) => {
    const { id, url: subject } = await markEnabled(trx, url);
    await withdrawQuestions(trx, ['webhook_gone'], aboutEndpoint(id), `${actor} has enabled it`);
    await recordAudit(trx, { actor, action: 'webhook.enable', subject, reason });
  });
}

/** @see enableEndpoint */
export async function enableEndpointById(db: Db, id: number, actor: string, reason: string): Promise<void> {
  await enableEndpoint(db, (await urlOfEndpoint(db, id)) ?? `number ${id}`, actor, reason);
}
