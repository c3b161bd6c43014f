import { expect, test } from 'vitest';
import { bothSides, crashEach, resumeAndCheck } from '../support/crashes.ts';
import { later } from '../support/later.ts';
import { startStory } from '../support/story.ts';

/** Stripe forgets an idempotency key after 24 hours: then only a look at what is there keeps a second invoice from being made. */
const steps = ['', '/{id}/add_lines', '/{id}/finalize'].map((step) => `POST /v1/invoices${step}`);
const writes = {
  guest: ['POST /v1/customers', ...steps, 'POST /v1/invoices/{id}/pay'],
  customer: [...steps, 'POST /v1/invoices/{id}/attach_payment'],
};

test('a crash at any write to Stripe, resumed 25 hours later, leaves one invoice', async () => {
  const story = await startStory({ workers: 0, env: { SETTLEMENT: 'attach' } });
  const planned = (['guest', 'customer'] as const).flatMap((buyer) =>
    writes[buyer].flatMap((what) => bothSides({ what, buyer })),
  );
  const struck = await crashEach(story, planned);
  const env = await later(story.side, 25 * 3600);
  await resumeAndCheck(story, struck, { settlement: 'as_fits', env });
  const replayed = (await story.side.requests()).filter((request) => request.replayed);
  expect(replayed, 'no key was remembered').toEqual([]);
  console.log(`keys expired: ${planned.length} faults tried`);
}, 300_000);
