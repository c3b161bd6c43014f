import { userInfo } from 'node:os';
import { openReviewItems } from '../billing/desk/review-items.ts';
import { openDeps } from '../billing/open-deps.ts';
import { choicesFor, decideReview } from '../billing/questions.ts';
import { databaseUrl, loadConfig } from '../platform/config.ts';
import { connect } from '../platform/db.ts';
import type { Terminal } from './terminal.ts';

export async function listReviews({ env, say }: Terminal): Promise<void> {
  const db = connect(databaseUrl(env), { name: 'cli', connections: 1 });
  try {
    const items = await openReviewItems(db);
    if (items.length === 0) say('Nothing waits for a decision.');
    for (const item of items) {
      const choices = choicesFor(item).map(
        ({ name, effect, asks }) => `\n     ${name}: ${effect}${asks ? ` (--given: ${asks})` : ''}`,
      );
      say(
        `${item.id}  ${item.opened_at.toISOString()}  ${item.kind}  ${item.subject}\n     ${item.summary}${choices.join('')}`,
      );
    }
  } finally {
    await db.destroy();
  }
}

export async function decide(
  { env, say }: Terminal,
  item: string,
  choice: string,
  { reason, given }: { reason: string; given?: string },
): Promise<void> {
  if (!/^\d{1,15}$/.test(item)) throw new Error(`ITEM must be the number of a review item, not ${item}.`);
  const { deps, close } = openDeps(loadConfig(env), { name: 'cli', connections: 4 });
  try {
    const actor = `cli:${userInfo().username}`;
    say(await decideReview(Number(item), { choice, actor, reason, given }, deps));
  } finally {
    await close();
  }
}
