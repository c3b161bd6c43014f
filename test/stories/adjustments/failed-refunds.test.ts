import { expect, test } from 'vitest';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { answerOf } from '../../support/command.ts';
import { item } from '../../support/purchases.ts';
import { claimOf, openReviews } from '../../support/records.ts';
import { startStory } from '../../support/story.ts';
import {
  adjustmentOf,
  invoiced,
  moveRefund,
  refund,
  sendEvent,
  settledDown,
  untilDecided,
} from '../../support/taken-back.ts';

/** The bank sends a refund back days later, when its note is long issued: the note can't be voided, so a person decides. */
const story = await startStory();
const { side, records, settings } = story;
const { stripe } = side;

const vat = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false, country: 'DE' });
const customer = await stripe.customers.create({ name: 'Ada Example' });
const checkout = {
  customer: customer.id,
  line_items: [item('Brush', 1_250, { quantity: 3, tax_rates: [vat.id] }), item('Easel', 8_900)],
};

/** A refund that has its note, and failed after. */
async function failedRefund(params: Parameters<typeof refund>[2] = {}) {
  const payment = await invoiced(story, { checkout });
  const re = await refund(side, payment, params);
  await untilDecided(records, re, 'note');
  await settledDown(story);
  await moveRefund(side, re, 'failed');
  expect(await untilDecided(records, re, 'review')).toMatchObject({
    reason: 'the refund is failed, but its note stands',
  });
  await settledDown(story);
  return { payment, re };
}

async function questionAbout(subject: string): Promise<string> {
  const row = await records.row<{ id: string }>(`select id from review_items where subject = $1`, [subject]);
  return String(row.id);
}

async function decide(subject: string, choice: string): Promise<string> {
  const words = ['review', 'decide', await questionAbout(subject), choice, '--reason', 'agreed with the customer'];
  return answerOf(words, settings);
}

test('a refund that fails asks a person once, however many events tell of it', async () => {
  const payment = await invoiced(story, { direct: { payment_method: 'pm_card_refundFail' } });
  const re = await refund(side, payment);
  await untilDecided(records, re, 'note');
  await settledDown(story);
  await moveRefund(side, re, 'failed');
  await untilDecided(records, re, 'review');
  await settledDown(story);
  for (const type of ['refund.failed', 'refund.updated', 'refund.created']) await sendEvent(side, type, re);
  await settledDown(story);
  expect(await openReviews(records)).toMatchObject([{ kind: 'refund_failed_after_note', subject: re }]);
  const events = await records.rows(`select from stripe_events where type = 'refund.failed' and outcome = 'review'`);
  expect(events, 'its event says that a person is asked').toHaveLength(1);
  await decide(re, 'keep_note');
});

test('keep_note: the note stays, nothing is made, and the decision holds', async () => {
  const { payment, re } = await failedRefund();
  await side.forgetRequests();
  expect(await decide(re, 'keep_note')).toContain('the credit note stays');
  expect((await side.requests()).filter(({ method }) => method === 'POST')).toEqual([]);
  expect(await adjustmentOf(records, re)).toMatchObject({
    decision: 'none',
    reason: 'a person decided to keep the note',
  });
  const event = (await side.events()).findLast(({ type, data }) => type === 'refund.failed' && data.object.id === re);
  await side.control('POST', '/_sim/webhooks/send', { event: event?.id, new_id: true });
  await settledDown(story);
  expect(await openReviews(records), 'it is not asked again').toEqual([]);
  await expect(decide(re, 'issue_reversal')).rejects.toThrow(/is resolved already/);
  await expectBooksBalance(side, records, [payment], { standing: [re] });
});

test.concurrent('issue_reversal: an invoice with the same lines and taxes, paid out of band, that names the note; once', async () => {
  const { payment, re } = await failedRefund();
  const claim = await claimOf(records, payment);
  const said = await decide(re, 'issue_reversal');
  expect(said).toMatch(/reversed by invoice \S+/);
  expect(await decide(re, 'issue_reversal'), 'who presses twice is told what became of it').toBe(said);
  const [books] = await expectBooksBalance(side, records, [payment]);
  expect(books?.kept).toBe(13_363);
  const [reversal] = books?.reversals ?? [];
  expect(books?.reversals).toHaveLength(1);
  expect(reversal).toMatchObject({
    status: 'paid',
    total: 13_363,
    customer: claim.customer,
    description: `Reversal of credit note ${claim.number}-CN-01`,
    lines: {
      data: [
        { description: 'Brush', amount: 3_750, taxes: [{ amount: 713, tax_behavior: 'exclusive' }] },
        { description: 'Easel', amount: 8_900, taxes: [] },
      ],
    },
  });
  expect(await adjustmentOf(records, re)).toMatchObject({
    decision: 'none',
    reason: `its note was taken back by invoice ${reversal?.number}`,
  });
  const audit = await records.rows(`select action, reason from audit_log where subject = $1`, [re]);
  expect(audit).toEqual([{ action: 'review.issue_reversal', reason: 'agreed with the customer' }]);
});

test.concurrent('a partial refund is reversed by its part, and the rest can still be refunded', async () => {
  const { payment, re } = await failedRefund({ amount: 5_000 });
  await decide(re, 'issue_reversal');
  const second = await refund(side, payment, { amount: 8_363 });
  await untilDecided(records, second, 'note');
  await settledDown(story);
  const [books] = await expectBooksBalance(side, records, [payment]);
  expect(books?.kept).toBe(5_000);
});

test.concurrent('the refund is made once more before anybody decided: the note stands for it, and the question goes by itself', async () => {
  const { payment, re } = await failedRefund({ amount: 5_000 });
  const again = await refund(side, payment, { amount: 5_000 });
  expect(await untilDecided(records, again, 'none')).toMatchObject({
    reason: 'other notes of the payment document it already',
  });
  expect(await untilDecided(records, re, 'none')).toMatchObject({
    reason: expect.stringContaining('stands for what else'),
  });
  await settledDown(story);
  await expect(decide(re, 'issue_reversal')).rejects.toThrow(/is resolved already/);
  const [books] = await expectBooksBalance(side, records, [payment]);
  expect(books).toMatchObject({ kept: 8_363, notes: { length: 1 }, reversals: [] });
});

test.concurrent('a reversal below the smallest charge of Stripe is refused in one sentence, and the question stays', async () => {
  const { payment, re } = await failedRefund({ amount: 49 });
  await expect(decide(re, 'issue_reversal')).rejects.toThrow(/EUR 0.49 is less than Stripe's smallest charge/);
  expect(await adjustmentOf(records, re)).toMatchObject({ decision: 'review' });
  expect(await decide(re, 'keep_note')).toContain('the credit note stays');
  await expectBooksBalance(side, records, [payment], { standing: [re] });
});

test.concurrent('the refund is made once more after the reversal: its note is on the invoice that reversed the first', async () => {
  const { payment, re } = await failedRefund();
  await decide(re, 'issue_reversal');
  const again = await refund(side, payment);
  await untilDecided(records, again, 'note');
  await settledDown(story);
  const [books] = await expectBooksBalance(side, records, [payment]);
  expect(books?.kept).toBe(0);
  expect(books?.notes.map(({ invoice }) => invoice).sort()).toEqual(
    [books?.invoice?.id, books?.reversals[0]?.id].sort(),
  );
});

test.concurrent('and when that fails too, it can be reversed again', async () => {
  const { payment, re } = await failedRefund();
  await decide(re, 'issue_reversal');
  const again = await refund(side, payment);
  await untilDecided(records, again, 'note');
  await settledDown(story);
  await moveRefund(side, again, 'failed');
  await untilDecided(records, again, 'review');
  await settledDown(story);
  await decide(again, 'issue_reversal');
  const [books] = await expectBooksBalance(side, records, [payment]);
  expect(books).toMatchObject({ kept: 13_363, reversals: { length: 2 }, notes: { length: 2 } });
});

test.concurrent('the story of the payment tells all of it', async () => {
  const { payment, re } = await failedRefund();
  await decide(re, 'issue_reversal');
  const story = await answerOf(['trace', re], settings);
  expect(story).toMatch(new RegExp(`^Payment {2}${payment} {2}EUR 133.63 {2}succeeded$`, 'm'));
  expect(story).toMatch(/^Invoice {2}\S+ {2}in_\w+ {2}EUR 133.63 {2}paid {2}out_of_band$/m);
  expect(story).toMatch(/^Invoice {2}\S+ {2}in_\w+ {2}EUR 133.63 {2}paid {2}out_of_band {2}takes back cn_\w+$/m);
  expect(story).toMatch(new RegExp(`^Refund {3}${re} {2}EUR 133.63 {2}failed {2}none: its note was taken back`, 'm'));
  expect(story).toMatch(
    new RegExp(`^Note {5}\\S+-CN-01 {2}cn_\\w+ {2}EUR 133.63 {2}for ${re} {2}taken back by in_`, 'm'),
  );
  expect(story).toMatch(/^Review {3}refund_failed_after_note \(resolved\): Refund/m);
});
