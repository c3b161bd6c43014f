import { expect, test } from 'vitest';
import { crashEach, crashesAt, pointsOf, resumeAndCheck, victims } from '../support/crashes.ts';
import { later } from '../support/later.ts';
import { startStory } from '../support/story.ts';

/** Stripe forgets an idempotency key after 24 hours: then only a look at what is there keeps a second invoice from being made. */
const LATER_SECONDS = 25 * 3600;

test.each([
  { buyer: 'a guest', customer: false, env: {}, books: {} },
  { buyer: 'a customer', customer: true, env: {}, books: {} },
  {
    buyer: 'a customer whose payment is attached',
    customer: true,
    env: { SETTLEMENT: 'attach' },
    books: { settlement: 'attached' as const },
  },
])('$buyer: a crash at any write to Stripe, resumed 25 hours later, leaves one invoice', async (variant) => {
  const { buyer, customer, env, books } = variant;
  const story = await startStory({ workers: 0, env });
  const [model] = await victims(story, 1, customer);
  if (!model) throw new Error('Bug: one victim was asked for');
  const points = await pointsOf(story, model);
  const crashes = crashesAt(points).filter(({ at }) => points[at - 1]?.startsWith('POST '));
  const struck = await crashEach(story, crashes, customer);
  await resumeAndCheck(story, [model, ...struck], { ...books, env: await later(story.side, LATER_SECONDS) });
  const replayed = (await story.side.requests()).filter((request) => request.replayed);
  expect(replayed, 'no key was remembered').toEqual([]);
  console.log(`keys expired, ${buyer}: ${crashes.length} faults tried`);
});
