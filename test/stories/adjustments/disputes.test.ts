import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { answerOf } from '../../support/command.ts';
import { untilSettled } from '../../support/one-invoice.ts';
import { payDirectly } from '../../support/purchases.ts';
import { openReviews } from '../../support/records.ts';
import { startStory } from '../../support/story.ts';
import {
  adjustmentOf,
  dispute,
  invoiced,
  moveDispute,
  refund,
  settledDown,
  untilDecided,
} from '../../support/taken-back.ts';

/** A buyer goes to his bank: the payment is flagged until it is decided, and only a loss leaves a document. */
const story = await startStory();
const { side, records, settings } = story;
const { stripe } = side;

const paid: string[] = [];
async function payment(direct: Partial<Stripe.PaymentIntentCreateParams> = {}): Promise<string> {
  const id = await invoiced(story, { direct });
  paid.push(id);
  return id;
}

async function disputedSince(about: string): Promise<Date | null> {
  const row = await records.row<{ disputed_since: Date | null }>(
    'select disputed_since from payments where payment_intent = $1',
    [about],
  );
  return row.disputed_since;
}

async function notesFor(adjustment: string): Promise<Stripe.CreditNote[]> {
  const rows = await records.rows<{ id: string }>(
    'select stripe_credit_note as id from credit_notes where adjustment = $1',
    [adjustment],
  );
  return Promise.all(rows.map(({ id }) => stripe.creditNotes.retrieve(id)));
}

test.concurrent('opened: the payment is flagged from then on, and there is no document', async () => {
  const about = await payment();
  const du = await dispute(side, about);
  await untilDecided(records, du, 'wait', { reason: 'the dispute is needs_response' });
  await settledDown(story);
  const { created } = await stripe.disputes.retrieve(du);
  expect(await disputedSince(about)).toEqual(new Date(created * 1000));
  expect(await notesFor(du)).toEqual([]);
  await moveDispute(side, du, 'won');
  await settledDown(story);
});

test.concurrent.each<
  [end: string, start: 'needs_response' | 'warning_needs_response', through: string[], reason: RegExp]
>([
  ['won', 'needs_response', ['under_review', 'won'], /won/],
  [
    'closed as an inquiry',
    'warning_needs_response',
    ['warning_under_review', 'warning_closed'],
    /without a chargeback/,
  ],
])('%s: the flag goes, and there is no document', async (_, status, through, reason) => {
  const about = await payment();
  const du = await dispute(side, about, { status });
  await untilDecided(records, du, 'wait');
  await moveDispute(side, du, ...through);
  expect(await untilDecided(records, du, 'none')).toMatchObject({ reason: expect.stringMatching(reason) });
  await settledDown(story);
  expect(await disputedSince(about)).toBeNull();
  expect(await notesFor(du)).toEqual([]);
});

test.concurrent('prevented: the refund that settled it has the note', async () => {
  const about = await payment();
  const du = await dispute(side, about, { status: 'prevented' });
  await untilDecided(records, du, 'none');
  await settledDown(story);
  expect(await disputedSince(about)).toBeNull();
  const [re] = (await stripe.refunds.list({ payment_intent: about })).data;
  expect(await notesFor(re?.id ?? '')).toMatchObject([{ total: 4_900, reason: 'fraudulent' }]);
  expect(await notesFor(du)).toEqual([]);
});

test.concurrent.each([
  ['fraudulent', 'fraudulent'],
  ['product_not_received', 'product_unsatisfactory'],
  ['general', null],
])('lost because of %s: one note, whose reason is %s, without the fee', async (reason, says) => {
  const about = await payment();
  const du = await dispute(side, about, { reason });
  await untilDecided(records, du, 'wait');
  await moveDispute(side, du, 'under_review', 'lost');
  await untilDecided(records, du, 'note');
  await settledDown(story);
  expect(await notesFor(du)).toMatchObject([
    { total: 4_900, out_of_band_amount: 4_900, refunds: [], reason: says, memo: `Chargeback ${du}` },
  ]);
  expect(await disputedSince(about)).toBeNull();
  const [movement] = (await stripe.balanceTransactions.list({ source: du })).data;
  expect(movement, 'the bank also took a fee, which no note is for').toMatchObject({ amount: -4_900, fee: 1_500 });
});

test.concurrent('a card that is always disputed: the flag comes with the first events, in whatever order', async () => {
  const about = await payDirectly(side, { payment_method: 'pm_card_createDispute' });
  paid.push(about);
  await untilSettled(records, [about]);
  await settledDown(story);
  const [du] = (await stripe.disputes.list({ payment_intent: about })).data;
  expect(await disputedSince(about)).not.toBeNull();
  await stripe.disputes.update(du?.id ?? '', { evidence: { uncategorized_text: 'losing_evidence' } });
  await untilDecided(records, du?.id ?? '', 'note');
  await settledDown(story);
});

test.concurrent('partly refunded, then lost as a whole: the note is over what was left', async () => {
  const about = await payment();
  await refund(side, about, { amount: 1_900 });
  const du = await dispute(side, about, { amount: 4_900 });
  await untilDecided(records, du, 'wait');
  await moveDispute(side, du, 'lost');
  const { reason } = await untilDecided(records, du, 'note');
  expect(reason).toContain('only EUR 30.00 of it is left to document');
  await settledDown(story);
  expect(await notesFor(du)).toMatchObject([{ total: 3_000 }]);
});

test.concurrent('refunded as an inquiry, then lost all the same: nothing is left for a second note', async () => {
  const about = await payment();
  await refund(side, about);
  const du = await dispute(side, about, { amount: 4_900 });
  await moveDispute(side, du, 'lost');
  expect(await untilDecided(records, du, 'none')).toMatchObject({ reason: 'the invoice is credited in full already' });
  await settledDown(story);
});

test.concurrent('a part of the payment lost: a note over that part', async () => {
  const about = await payment();
  const du = await dispute(side, about, { amount: 1_234 });
  await moveDispute(side, du, 'lost');
  await untilDecided(records, du, 'note');
  await settledDown(story);
  expect(await notesFor(du)).toMatchObject([{ total: 1_234 }]);
});

test.concurrent('lost while a refund is on its way: the note waits, and takes what the refund leaves', async () => {
  const ends = { succeeded: 3_000, failed: 4_900 } as const;
  for (const [end, left] of Object.entries(ends)) {
    const about = await payment({ payment_method: 'pm_card_pendingRefund' });
    const re = await refund(side, about, { amount: 1_900 });
    const du = await dispute(side, about, { amount: 4_900 });
    await moveDispute(side, du, 'lost');
    await untilDecided(records, du, 'wait', { reason: 'a refund of the payment is still on its way' });
    await settledDown(story);
    await side.control('POST', '/_sim/refunds/move', { refund: re, to: end });
    await untilDecided(records, du, 'note');
    await settledDown(story);
    expect(await notesFor(du)).toMatchObject([{ total: left }]);
  }
});

test.concurrent('an appeal of a lost dispute: flagged again, its note untouched; lost again changes nothing', async () => {
  const about = await payment();
  const du = await dispute(side, about);
  await moveDispute(side, du, 'lost');
  await untilDecided(records, du, 'note');
  await moveDispute(side, du, 'appeal_needs_response', 'appeal_under_review');
  await untilDecided(records, du, 'wait', { status: 'appeal_under_review' });
  await settledDown(story);
  expect(await disputedSince(about)).not.toBeNull();
  await moveDispute(side, du, 'lost');
  await untilDecided(records, du, 'note');
  await settledDown(story);
  expect(await disputedSince(about)).toBeNull();
  expect(await notesFor(du)).toHaveLength(1);
});

test('in the end every payment keeps what its documents say, and nobody was asked anything', async () => {
  await settledDown(story);
  await expectBooksBalance(side, records, paid);
  expect(await openReviews(records)).toEqual([]);
});

test.each(['keep_note', 'issue_reversal'])('an appeal that is won after the note asks a person: %s', async (choice) => {
  const about = await payment();
  const du = await dispute(side, about);
  await moveDispute(side, du, 'lost');
  await untilDecided(records, du, 'note');
  await moveDispute(side, du, 'appeal_needs_response', 'appeal_under_review', 'won');
  await untilDecided(records, du, 'review');
  await settledDown(story);
  const [question] = await openReviews(records);
  expect(question).toMatchObject({ kind: 'dispute_won_after_note', subject: du });
  const { id } = await records.row<{ id: string }>(`select id from review_items where state = 'open'`);
  const cli = (...words: string[]) => answerOf(words, settings);
  expect(await cli('review', 'list')).toMatch(
    new RegExp(`^${id} .* dispute_won_after_note .*${du}\\n.*was won.*\\n.*keep_note: .*\\n.*issue_reversal: `),
  );
  await cli('review', 'decide', id, choice, '--reason', 'as the bookkeeper wants it');
  expect(await openReviews(records)).toEqual([]);
  expect(await adjustmentOf(records, du)).toMatchObject({ decision: 'none' });
  expect(await disputedSince(about)).toBeNull();
  await settledDown(story);
  const [books] = await expectBooksBalance(side, records, [about], { standing: choice === 'keep_note' ? [du] : [] });
  expect(books?.reversals).toHaveLength(choice === 'keep_note' ? 0 : 1);
});
