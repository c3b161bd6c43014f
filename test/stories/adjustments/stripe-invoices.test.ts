import type Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { expectBooksBalance } from '../../support/books-balance.ts';
import { answerOf } from '../../support/command.ts';
import { until } from '../../support/eventually.ts';
import { untilSettled } from '../../support/one-invoice.ts';
import { buy, payDirectly } from '../../support/purchases.ts';
import { openReviews } from '../../support/records.ts';
import { type Story, startStory } from '../../support/story.ts';
import { dispute, moveDispute, moveRefund, refund, settledDown, untilDecided } from '../../support/taken-back.ts';

/** Invoices that a payment is attached to at Stripe: those that Stripe made itself, and ours with SETTLEMENT=attach. */
const renewal = z.object({ invoice: z.string(), payment_intent: z.string() });

async function renew({ side }: Story): Promise<z.output<typeof renewal>> {
  return renewal.parse(await side.control('POST', '/_sim/renewals', { amount: 2_900, currency: 'eur' }));
}

async function checkoutWithInvoice({ side, records }: Story): Promise<string> {
  const payment = await buy(side, { invoice_creation: { enabled: true } }, { email: 'a@example.com' });
  await untilSettled(records, [payment]);
  await until(async () => (await side.stripe.checkout.sessions.list({ payment_intent: payment })).data[0]?.invoice);
  return payment;
}

/** Our own invoice of a customer, to which the payment is attached. */
async function attached({ side, records }: Story): Promise<string> {
  const customer = await side.stripe.customers.create({ name: 'Ada Example' });
  const payment = await buy(side, { customer: customer.id });
  await untilSettled(records, [payment]);
  return payment;
}

async function notesFor({ side, records }: Story, adjustment: string): Promise<Stripe.CreditNote[]> {
  const rows = await records.rows<{ id: string }>(
    'select stripe_credit_note as id from credit_notes where adjustment = $1',
    [adjustment],
  );
  return Promise.all(rows.map(({ id }) => side.stripe.creditNotes.retrieve(id)));
}

const linked = (re: string, amount: number) => ({
  total: amount,
  out_of_band_amount: null,
  refunds: [{ amount_refunded: amount, refund: re, type: 'refund' }],
});

describe('ADJUST_STRIPE_INVOICES=on, SETTLEMENT=attach', async () => {
  const story = await startStory({ env: { SETTLEMENT: 'attach' } });
  const { side, records, settings } = story;
  const paid: string[] = [];

  test.each([
    ['the renewal of a subscription', async () => (await renew(story)).payment_intent],
    ['a checkout with invoice_creation', () => checkoutWithInvoice(story)],
    ['an invoice of ours', () => attached(story)],
  ])('a refund of %s: a note that links it', async (_, pay) => {
    const payment = await pay();
    paid.push(payment);
    const re = await refund(side, payment, { amount: 900 });
    await untilDecided(records, re, 'note');
    await settledDown(story);
    expect(await notesFor(story, re)).toMatchObject([linked(re, 900)]);
  });

  test('the refund comes before Stripe has made its invoice: it is tried again until the invoice is there', async () => {
    await side.control('POST', '/_sim/settings', { invoice_creation_delay_ms: 2_500 });
    const payment = await buy(side, { invoice_creation: { enabled: true } }, { email: 'a@example.com' });
    paid.push(payment);
    const re = await refund(side, payment);
    await until(
      async () =>
        (await records.rows(`select from stripe_events where last_error like '%has not made its invoice%'`)).length > 0,
    );
    await side.control('POST', '/_sim/settings', { invoice_creation_delay_ms: 0 });
    await untilDecided(records, re, 'note');
    await settledDown(story);
    expect(await notesFor(story, re)).toMatchObject([linked(re, 14_900)]);
  });

  test('a pending refund is not counted by Stripe against itself when it has gone through', async () => {
    const payment = await payDirectly(side, {
      payment_method: 'pm_card_pendingRefund',
      customer: (await side.stripe.customers.create({})).id,
    });
    await untilSettled(records, [payment]);
    paid.push(payment);
    const [one, two] = [await refund(side, payment, { amount: 2_000 }), await refund(side, payment, { amount: 2_900 })];
    await untilDecided(records, two, 'wait');
    await moveRefund(side, two, 'succeeded');
    await untilDecided(records, two, 'note');
    await moveRefund(side, one, 'succeeded');
    await untilDecided(records, one, 'note');
    await settledDown(story);
    expect([...(await notesFor(story, one)), ...(await notesFor(story, two))]).toMatchObject([
      linked(one, 2_000),
      linked(two, 2_900),
    ]);
  });

  test("a lost dispute is no refund: its note is out of band, on Stripe's own invoice too", async () => {
    for (const payment of [(await renew(story)).payment_intent, await attached(story)]) {
      await untilSettled(records, [payment]);
      paid.push(payment);
      await refund(side, payment, { amount: 500 });
      const du = await dispute(side, payment, { amount: 2_400 });
      await untilDecided(records, du, 'wait');
      await moveDispute(side, du, 'lost');
      await untilDecided(records, du, 'note');
      await settledDown(story);
      expect(await notesFor(story, du)).toMatchObject([
        { total: 2_400, out_of_band_amount: 2_400, refunds: [], reason: 'fraudulent' },
      ]);
    }
  });

  test.each([
    [
      'linked to the refund that was there',
      async (payment: string, invoice: string) => {
        const re = await refund(side, payment, { amount: 1_100 });
        await side.stripe.creditNotes.create({
          invoice,
          amount: 1_100,
          refunds: [{ refund: re, amount_refunded: 1_100 }],
          email_type: 'none',
        });
        return re;
      },
    ],
    [
      'that made the refund',
      async (payment: string, invoice: string) => {
        await side.stripe.creditNotes.create({ invoice, amount: 1_100, refund_amount: 1_100, email_type: 'none' });
        const [made] = (await side.stripe.refunds.list({ payment_intent: payment })).data;
        return made?.id ?? '';
      },
    ],
  ])('a note that a person made in the Dashboard, %s, is taken over and not doubled', async (_, byHand) => {
    await side.control('POST', '/_sim/webhooks', { paused: true });
    const { payment_intent: payment, invoice } = await renew(story);
    paid.push(payment);
    const re = await byHand(payment, invoice);
    await side.control('POST', '/_sim/webhooks', { paused: false });
    await untilDecided(records, re, 'note');
    const more = await refund(side, payment, { amount: 1_800 });
    await untilDecided(records, more, 'note');
    await settledDown(story);
    expect(await notesFor(story, re)).toMatchObject([{ total: 1_100, metadata: {} }]);
    expect(await notesFor(story, more)).toMatchObject([linked(more, 1_800)]);
    const { data } = await side.stripe.creditNotes.list({ invoice });
    expect(data).toHaveLength(2);
  });

  test('one note of a person for two refunds counts once', async () => {
    await side.control('POST', '/_sim/webhooks', { paused: true });
    const { payment_intent: payment, invoice } = await renew(story);
    const [one, two] = [await refund(side, payment, { amount: 300 }), await refund(side, payment, { amount: 400 })];
    await side.stripe.creditNotes.create({
      invoice,
      amount: 700,
      refunds: [
        { refund: one, amount_refunded: 300 },
        { refund: two, amount_refunded: 400 },
      ],
    });
    await side.control('POST', '/_sim/webhooks', { paused: false });
    await untilDecided(records, one, 'note');
    expect(await untilDecided(records, two, 'none')).toMatchObject({
      reason: expect.stringContaining(`along with ${one}`),
    });
    await settledDown(story);
    expect((await side.stripe.creditNotes.list({ invoice })).data).toHaveLength(1);
  });

  test('in the end every payment keeps what its documents say, and nobody was asked anything', async () => {
    await settledDown(story);
    const books = await expectBooksBalance(side, records, paid);
    expect(books.every(({ invoice }) => invoice)).toBe(true);
    expect(await openReviews(records)).toEqual([]);
  });

  test('a note that Stripe refuses is a question; the other refunds of the payment go on', async () => {
    const { payment_intent: payment } = await renew(story);
    const first = await refund(side, payment, { amount: 900 });
    await untilDecided(records, first, 'note');
    await settledDown(story);
    await moveRefund(side, first, 'failed');
    await untilDecided(records, first, 'review');
    // The note of the failed refund stands, and Stripe counts what a note does not link of a refund against the invoice.
    const all = await refund(side, payment);
    const { reason } = await untilDecided(records, all, 'review');
    expect(reason).toMatch(/^Stripe refuses the credit note of re_\w+ on invoice in_\w+: .*greater than the amount/);
    await settledDown(story);
    const open = (await openReviews(records)).filter(({ subject }) => subject === all);
    expect(open, 'many events ask one question').toMatchObject([{ kind: 'credit_note_refused' }]);
    expect(await untilDecided(records, first, 'none')).toMatchObject({ status: 'failed' });
    const { id } = await records.row<{ id: string }>('select id from review_items where subject = $1', [all]);
    const decide = (choice: string) =>
      answerOf(['review', 'decide', String(id), choice, '--reason', 'by hand'], settings);
    await expect(decide('try_again')).rejects.toThrow(/The question stays open. Stripe refuses/);
    await decide('no_note');
    expect(await openReviews(records)).toEqual([]);
  });

  test("a refund of Stripe's own invoice that fails later can be reversed as well", async () => {
    const { payment_intent: payment } = await renew(story);
    const re = await refund(side, payment);
    await untilDecided(records, re, 'note');
    await settledDown(story);
    await moveRefund(side, re, 'failed');
    await untilDecided(records, re, 'review');
    await settledDown(story);
    const { id } = await records.row<{ id: string }>('select id from review_items where subject = $1', [re]);
    await answerOf(['review', 'decide', String(id), 'issue_reversal', '--reason', 'kept'], settings);
    const [books] = await expectBooksBalance(side, records, [payment]);
    expect(books).toMatchObject({ kept: 2_900, reversals: [{ total: 2_900, status: 'paid' }] });
  });
});

describe('ADJUST_STRIPE_INVOICES=off', async () => {
  const story = await startStory({ env: { ADJUST_STRIPE_INVOICES: 'off' } });
  const { side, records } = story;

  test('their refunds are recorded, without a note', async () => {
    const { payment_intent: renewed } = await renew(story);
    const one = await refund(side, renewed);
    expect(await untilDecided(records, one, 'off')).toMatchObject({
      reason: 'notes on invoices that Stripe made are switched off',
    });
    const two = await refund(side, await checkoutWithInvoice(story));
    await untilDecided(records, two, 'off');
    await settledDown(story);
    expect((await side.stripe.creditNotes.list()).data).toEqual([]);
  });

  test('our own still get theirs', async () => {
    const payment = await buy(side);
    const re = await refund(side, payment);
    await untilDecided(records, re, 'note');
    await settledDown(story);
    await expectBooksBalance(side, records, [payment]);
  });
});
