import { beforeAll, expect, test } from 'vitest';
import { open, type Simulated, simulated } from './simulated.ts';

let sim: Simulated;

beforeAll(async () => {
  sim = await simulated();
});

const press = async (url: string, choice: string): Promise<string> =>
  (await fetch(url, { method: 'POST', body: new URLSearchParams({ choice }) })).text();

test('the hosted page shows the invoice and takes the money once', async () => {
  const { id: customer } = await sim.stripe.customers.create({ name: '<Ada>' });
  const { id, number, hosted_invoice_url: url, invoice_pdf: pdf } = await open(sim, { customer });
  const text = await (await fetch(url ?? '')).text();
  expect(text).toContain(`Invoice ${number}`);
  expect(text).toContain('€10.00');
  expect(text).toContain('&lt;Ada&gt;');
  expect((await fetch(pdf ?? '')).status).toBe(200);
  expect(await press(url ?? '', 'declined')).toContain('Your card was declined.');
  await press(url ?? '', 'card');
  await press(url ?? '', 'card');
  expect(await sim.stripe.invoices.retrieve(id)).toMatchObject({ status: 'paid', amount_paid: 1000 });
  const { data } = await sim.stripe.invoicePayments.list({ invoice: id });
  expect(data).toHaveLength(1);
});

test('a made-up link is a 404', async () => {
  expect((await fetch(`${sim.url}/invoice/acct_1/none`)).status).toBe(404);
});
