import { userInfo } from 'node:os';
import { openDeps } from '../billing/open-deps.ts';
import { choicesFor, decideReview } from '../billing/review/decide-review.ts';
import { openReviewItems } from '../billing/review/review-items.ts';
import { databaseUrl, loadConfig } from '../platform/config.ts';
import { connect } from '../platform/db.ts';

export async function listReviews(): Promise<void> {
  const db = connect(databaseUrl(), { name: 'cli', connections: 1 });
  try {
    const items = await openReviewItems(db);
    if (items.length === 0) process.stdout.write('Nothing waits for a decision.\n');
    for (const item of items) {
      const choices = choicesFor(item).map(({ name, effect }) => `     ${name}: ${effect}\n`);
      process.stdout.write(
        `${item.id}  ${item.opened_at.toISOString()}  ${item.kind}  ${item.subject}\n     ${item.summary}\n${choices.join('')}`,
      );
    }
  } finally {
    await db.destroy();
  }
}

export async function decide(item: string, choice: string, { reason }: { reason: string }): Promise<void> {
  if (!/^\d+$/.test(item)) throw new Error(`ITEM must be the number of a review item, not ${item}.`);
  const { deps, close } = openDeps(loadConfig(), { name: 'cli', connections: 4 });
  try {
    const actor = `cli:${userInfo().username}`;
    process.stdout.write(`${await decideReview(Number(item), { choice, actor, reason }, deps)}\n`);
  } finally {
    await close();
  }
}
