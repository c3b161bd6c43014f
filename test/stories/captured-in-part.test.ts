import type Stripe from 'stripe';
import { expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { expectOneInvoiceEach, untilEventsDone, untilSettled } from '../support/one-invoice.ts';
import { buy, item } from '../support/purchases.ts';
import { claimOf, openReviews } from '../support/records.ts';
import { startStory } from '../support/story.ts';
import { refund } from '../support/taken-back.ts';

/** Less was captured than Checkout had agreed on: the invoice is over what was charged, and its refunds get their notes. */
const { side, records } = await startStory();
const { stripe } = side;
const { id: vat19 } = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: false });

const cases: Record<
  string,
  { items: Stripe.Checkout.SessionCreateParams.LineItem[]; captured: number; lines: unknown }
> = {
  'without tax, in one line': {
    items: [item('Course', 3_000), item('Book', 2_000)],
    captured: 3_200,
    lines: [['Course, Book (in part)', 3_200, []]],
  },
  'with tax, each line and its tax in proportion': {
    items: [item('Course', 3_000, { tax_rates: [vat19] }), item('Book', 2_000)],
    captured: 2_785,
    lines: [
      ['Course (in part)', 1_500, [285]],
      ['Book (in part)', 1_000, []],
    ],
  },
};

const payments: string[] = [];

test.for(Object.entries(cases))('%s', async ([, { items, captured, lines }]) => {
  const payment = await buy(side, { line_items: items, payment_intent_data: { capture_method: 'manual' } });
  payments.push(payment);
  await stripe.paymentIntents.capture(payment, { amount_to_capture: captured });
  await untilSettled(records, [payment]);
  const invoice = await stripe.invoices.retrieve((await claimOf(records, payment)).stripe_invoice ?? '');
  expect(invoice.total).toBe(captured);
  const shown = invoice.lines.data.map(({ description, amount, taxes }) => [
    description,
    amount,
    (taxes ?? []).map((tax) => tax.amount),
  ]);
  expect(shown).toEqual(lines);

  await refund(side, payment, { amount: 1_000 });
  const notes = () =>
    stripe.creditNotes.list({ invoice: invoice.id }).then(({ data }) => data.map(({ total }) => total));
  await until(async () => (await notes()).length > 0);
  await untilEventsDone(records);
  expect(await notes()).toEqual([1_000]);
  expect(await openReviews(records)).toEqual([]);
  await expectOneInvoiceEach(side, records, payments);
});
