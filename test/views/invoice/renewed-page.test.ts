import { expect, test } from 'vitest';
import type { AttemptRow } from '../../../src/billing/own-invoices/checkout-attempts.ts';
import { outcomeOf, RenewedPage } from '../../../src/views/invoice/renewed-page.tsx';
import { html } from '../../../src/views/page.tsx';
import { attempt, business, issued, paid } from '../example-invoice.ts';

test.each<[AttemptRow['state'], string | null, typeof issued, RegExp]>([
  ['paid', 'pi_example', paid, /^Thank you! Your payment of EUR 266\.25 has arrived\.$/],
  ['paid', 'pi_second', paid, /has arrived, but this invoice was paid or cancelled already/],
  ['processing', null, issued, /wait for the bank/],
  ['failed', null, issued, /did not succeed; nothing was charged/],
  ['failed', 'pi_of_another_amount', issued, /^Your payment was not put to this invoice\. Please contact us\.$/],
  ['open', 'pi_of_another_amount', issued, /have to check/],
  ['open', null, issued, /not completed; nothing was charged/],
  ['creating', null, issued, /not completed; nothing was charged/],
  ['expired', null, issued, /not completed; nothing was charged/],
  ['refused', null, issued, /not completed; nothing was charged/],
])('after a session that is %s with the payment %s its payer is told so', (state, payment_intent, invoice, words) => {
  expect(outcomeOf(invoice, attempt(state, { payment_intent }))).toMatch(words);
});

test('the page says it, whose it is, and that the link is another one', () => {
  const page = html(RenewedPage({ business: { ...business, name: '<b>Northwind</b>' }, sentence: 'All is well.' }));
  expect(page).toContain('All is well.');
  expect(page).toContain('please ask &lt;b>Northwind&lt;/b>');
});
