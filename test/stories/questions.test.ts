import { expect, test } from 'vitest';
import { answerOf } from '../support/command.ts';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone } from '../support/one-invoice.ts';
import { buy } from '../support/purchases.ts';
import { claimOf, openReviews, type ReviewRecord } from '../support/records.ts';
import { startStory } from '../support/story.ts';

/** A wrong invoice must be impossible: where the sums differ, nothing is finalized and a person is asked. */
const { side, records, settings } = await startStory();
const { stripe } = side;

async function question(payment: string): Promise<ReviewRecord> {
  return until(async () => (await openReviews(records)).find(({ subject }) => subject === payment), {
    what: `a question about ${payment}`,
  });
}

test('an amount on the draft that nobody knows of: the draft is deleted, and a second try makes it right', async () => {
  const { id: customer } = await stripe.customers.create({ name: 'Ada Example' });
  const lines = '/v1/invoices/{id}/add_lines';
  await side.fault({ kind: 'latency', method: 'POST', path: lines, where: 'before', ms: 800, count: 1 });
  const payment = await buy(side, { customer });
  const draft = await until(async () => (await stripe.invoices.list({ customer, status: 'draft' })).data[0]);
  await stripe.invoiceItems.create({
    customer,
    invoice: draft.id,
    amount: 100,
    currency: 'eur',
    description: 'By hand',
  });
  expect(await question(payment)).toMatchObject({
    kind: 'invoice_total_differs',
    details: { expected: { total: 14_900 }, found: { total: 15_000 } },
  });
  await untilEventsDone(records);
  expect((await stripe.invoices.list({ limit: 100 })).data, 'nothing is left of it').toEqual([]);
  expect(await claimOf(records, payment)).toMatchObject({ step: 'claimed', stripe_invoice: null });

  const { id } = await records.row<{ id: string }>(`select id from review_items where state = 'open'`);
  const words = ['review', 'decide', String(id), 'try_again', '--reason', 'the amount by hand was a mistake'];
  expect(await answerOf(words, settings)).toContain('processed: invoice ');
  expect(await openReviews(records)).toEqual([]);
  await expectOneInvoiceEach(side, records, [payment]);
});
