import { expect, test } from 'vitest';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { untilEventsDone, untilSettled } from '../../support/one-invoice.ts';
import { buy, payDirectly } from '../../support/purchases.ts';
import { claimOf, eventRecords, openReviews } from '../../support/records.ts';
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

/** Money goes back to the buyer, in every way a refund can go; each leaves the right credit note, or none. */
const story = await startStory();
const { side, records } = story;
const { stripe } = side;

async function noteOf(adjustment: string) {
  const { stripe_credit_note: id } = await records.row<{ stripe_credit_note: string }>(
    'select stripe_credit_note from credit_notes where adjustment = $1',
    [adjustment],
  );
  return stripe.creditNotes.retrieve(id);
}

/** The one note of a payment whose invoice is credited in full. */
const paid: string[] = [];
async function invoicedAndKept(...how: Parameters<typeof invoiced> extends [unknown, ...infer Rest] ? Rest : never) {
  const payment = await invoiced(story, ...how);
  paid.push(payment);
  return payment;
}

test('a full refund: one note over the whole invoice, dated as the refund, mailed to nobody', async () => {
  const payment = await invoicedAndKept();
  const re = await refund(side, payment, { reason: 'requested_by_customer' });
  await settledDown(story);
  const claim = await claimOf(records, payment);
  expect(await noteOf(re)).toMatchObject({
    invoice: claim.stripe_invoice,
    number: `${claim.number}-CN-01`,
    total: 4_900,
    out_of_band_amount: 4_900,
    refunds: [],
    reason: 'order_change',
    memo: `Refund ${re}`,
    effective_at: (await stripe.refunds.retrieve(re)).created,
    type: 'post_payment',
    lines: { data: [{ type: 'invoice_line_item', amount: 4_900 }] },
  });
  const [refunds, movements] = await Promise.all([
    stripe.refunds.list({ payment_intent: payment }),
    stripe.balanceTransactions.list({ limit: 100 }),
  ]);
  expect(refunds.data, 'nobody was refunded twice').toHaveLength(1);
  const moved = movements.data.map(({ type }) => type).sort();
  expect(moved, 'the refund moved money, its note did not').toEqual(['charge', 'refund']);
  expect(await adjustmentOf(records, re)).toMatchObject({ decision: 'note', status: 'succeeded' });
});

test.concurrent('several partial refunds: a note each, until nothing is left', async () => {
  const payment = await invoicedAndKept();
  const parts = [];
  for (const amount of [1_000, 333, 1, 3_566]) parts.push(await refund(side, payment, { amount }));
  await settledDown(story);
  const notes = await Promise.all(parts.map(noteOf));
  expect(notes.map(({ total }) => total)).toEqual([1_000, 333, 1, 3_566]);
  const { stripe_invoice: id } = await claimOf(records, payment);
  expect(await stripe.invoices.retrieve(id ?? '')).toMatchObject({ post_payment_credit_notes_amount: 4_900 });
});

test('a refund that overtakes its payment makes the invoice first and then its note', async () => {
  await side.control('POST', '/_sim/webhooks', { paused: true });
  const payment = await payDirectly(side);
  paid.push(payment);
  const re = await refund(side, payment, { amount: 900 });
  await sendEvent(side, 'refund.created', re);
  await untilEventsDone(records);
  expect(await noteOf(re)).toMatchObject({ total: 900 });
  expect((await eventRecords(records)).filter(({ payment_intent: about }) => about === payment)).toMatchObject([
    { type: 'refund.created', outcome: 'processed', reason: expect.stringMatching(/^credit note .+-CN-01$/) },
  ]);
  await side.control('POST', '/_sim/webhooks', { paused: false });
  await settledDown(story);
});

test.concurrent('a pending refund waits, and gets its note when the bank has taken it', async () => {
  const payment = await invoicedAndKept({ direct: { payment_method: 'pm_card_pendingRefund' } });
  const re = await refund(side, payment);
  expect(await untilDecided(records, re, 'wait')).toMatchObject({ reason: 'the refund is pending' });
  await settledDown(story);
  await moveRefund(side, re, 'succeeded');
  await settledDown(story);
  expect(await noteOf(re)).toMatchObject({ total: 4_900 });
});

test.concurrent.each(['failed', 'canceled'] as const)('a pending refund that is %s leaves none', async (end) => {
  const payment = await invoicedAndKept({ direct: { payment_method: 'pm_card_pendingRefund' } });
  const re = await refund(side, payment);
  await untilDecided(records, re, 'wait');
  await moveRefund(side, re, end);
  expect(await untilDecided(records, re, 'none')).toMatchObject({ status: end });
  await settledDown(story);
  expect(await records.rows('select from credit_notes where adjustment = $1', [re])).toEqual([]);
});

test.concurrent('the refund of a bank debit is a pyr_, pending first', async () => {
  const payment = await buy(side, {}, { choice: 'debit' });
  await side.control('POST', '/_sim/payments/settle', { payment_intent: payment });
  await untilSettled(records, [payment]);
  paid.push(payment);
  const re = await refund(side, payment, { amount: 5_000 });
  expect(re).toMatch(/^pyr_/);
  await untilDecided(records, re, 'wait');
  await moveRefund(side, re, 'succeeded');
  await settledDown(story);
  expect(await noteOf(re)).toMatchObject({ total: 5_000 });
});

test.concurrent('guests, customers and stand-ins: the note goes where the invoice went, and balances stay', async () => {
  const named = await stripe.customers.create({ name: 'Ada Example' });
  const owing = await stripe.customers.create({ name: 'Bella Balance', balance: -2_000 });
  for (const checkout of [{}, { customer: named.id }, { customer: owing.id }]) {
    const payment = await invoicedAndKept({ checkout });
    const re = await refund(side, payment, { amount: 5_000 });
    await settledDown(story);
    expect(await noteOf(re)).toMatchObject({ customer: (await claimOf(records, payment)).customer });
  }
  expect(await stripe.customers.retrieve(owing.id)).toMatchObject({ balance: -2_000 });
});

test('every event about a refund, new ones and repeated ones, leads to the same single note', async () => {
  const payment = await invoicedAndKept();
  const re = await refund(side, payment, { amount: 700 });
  await settledDown(story);
  const about = (await side.events()).filter(
    ({ type, data }) => data.object.id === re || (type === 'charge.refunded' && data.object.payment_intent === payment),
  );
  for (const { id } of about) {
    await side.control('POST', '/_sim/webhooks/send', { event: id, new_id: true });
    await side.control('POST', '/_sim/webhooks/send', { event: id, thin: true });
  }
  await side.forgetRequests();
  await settledDown(story);
  expect((await side.requests()).filter(({ method }) => method === 'POST')).toEqual([]);
  expect(await noteOf(re)).toMatchObject({ total: 700 });
});

test('in the end every payment keeps what its documents say, and nobody was asked anything', async () => {
  const books = await expectBooksBalance(side, records, paid);
  expect(books.flatMap(({ notes }) => notes).length).toBeGreaterThanOrEqual(11);
  expect(await openReviews(records)).toEqual([]);
});
