import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { checkout, cleanEnvironment } from '../../../bin/lib/checkout.ts';
import { booksOf, expectBooksBalance } from '../../support/books-balance.ts';
import { releaseAfterFile } from '../../support/clean-up.ts';
import { until } from '../../support/eventually.ts';
import { eventRecords, openReviews } from '../../support/records.ts';
import { startStory } from '../../support/story.ts';
import { settledDown } from '../../support/taken-back.ts';

/** The official Stripe CLI refunds, disputes and credits in its own way; what it makes is documented like anything else. */
const story = await startStory();
const { side, records } = story;
const home = mkdtempSync(join(tmpdir(), 'stripe-cli-'));
releaseAfterFile(async () => rmSync(home, { recursive: true }));

async function trigger(event: string): Promise<void> {
  const words = ['trigger', event, '--api-base', side.url, '--api-key', side.key];
  const env = cleanEnvironment({ HOME: home, XDG_CONFIG_HOME: home, STRIPE_CLI_TELEMETRY_OPTOUT: '1' });
  const { stdout } = await promisify(execFile)(join(checkout, 'node_modules/@stripe/cli-linux-x64/bin/stripe'), words, {
    env,
  });
  expect(stdout).toContain('Trigger succeeded');
}

const seen = new Set<string>();

/** The payment that the trigger has made, and what it came to. */
async function triggered(type: string) {
  await trigger(type);
  await until(async () => (await eventRecords(records)).some((event) => event.type === type && event.outcome));
  await settledDown(story);
  const payments = await records.rows<{ payment_intent: string }>(
    `select payment_intent from payments where verdict is not null`,
  );
  const [fresh, ...others] = payments.map(({ payment_intent: id }) => id).filter((id) => !seen.has(id));
  if (!fresh || others.length > 0) throw new Error(`${type} made ${others.length + (fresh ? 1 : 0)} payments`);
  seen.add(fresh);
  const event = (await eventRecords(records)).findLast((one) => one.type === type);
  const [books] = await booksOf(side, [fresh]);
  return { event, books };
}

test('charge.refunded: the invoice and its note', async () => {
  const { event, books } = await triggered('charge.refunded');
  expect(event).toMatchObject({ outcome: 'processed' });
  expect(books).toMatchObject({ kept: 0, notes: [{ total: books?.invoice?.total }] });
});

test('charge.dispute.created: the payment is flagged', async () => {
  const { books } = await triggered('charge.dispute.created');
  expect(books).toMatchObject({ notes: [], disputes: [{ status: 'warning_needs_response' }] });
  const { disputed } = await records.row<{ disputed: boolean }>(
    'select disputed_since is not null as disputed from payments where payment_intent = $1',
    [books?.payment],
  );
  expect(disputed).toBe(true);
});

test('charge.dispute.closed: the inquiry is answered, so the flag goes and there is no note', async () => {
  const { books } = await triggered('charge.dispute.closed');
  expect(books).toMatchObject({ notes: [], disputes: [{ status: 'warning_closed' }] });
  const flagged = await records.rows('select from payments where payment_intent = $1 and disputed_since is not null', [
    books?.payment,
  ]);
  expect(flagged).toEqual([]);
});

test('credit_note.created: a note on an invoice of Stripe, which is none of ours', async () => {
  await trigger('credit_note.created');
  await until(async () => (await eventRecords(records)).some(({ type }) => type === 'credit_note.created'));
  await settledDown(story);
  const [note] = (await eventRecords(records)).filter(({ type }) => type === 'credit_note.created').slice(-1);
  expect(note).toMatchObject({ outcome: 'ignored', reason: 'no use case listens to this event type' });
});

test('in the end the documents come to the money that was kept, and nobody was asked anything', async () => {
  await expectBooksBalance(side, records, [...seen]);
  expect(await openReviews(records)).toEqual([]);
});
