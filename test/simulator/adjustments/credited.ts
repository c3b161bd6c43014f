import type Stripe from 'stripe';
import { open, type Simulated } from '../invoicing/simulated.ts';
import { paid } from './payments.ts';

export const newCustomer = async ({ stripe }: Simulated): Promise<string> =>
  (await stripe.customers.create({ email: 'ada@example.com' })).id;

/** An invoice of these amounts, paid outside of Stripe. */
export async function paidElsewhere(sim: Simulated, ...amounts: number[]): Promise<Stripe.Invoice> {
  const invoice = await sim.stripe.invoices.create({ customer: await newCustomer(sim), currency: 'eur' });
  await sim.stripe.invoices.addLines(invoice.id, {
    lines: amounts.map((amount) => ({ amount, description: `${amount}` })),
  });
  await sim.stripe.invoices.finalizeInvoice(invoice.id);
  return sim.stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
}

/** An invoice of ten euros that a real payment has paid. */
export async function paidByCard(
  sim: Simulated,
): Promise<{ invoice: Stripe.Invoice; payment: Awaited<ReturnType<typeof paid>> }> {
  const customer = await newCustomer(sim);
  const payment = await paid(sim, { customer });
  const { id } = await open(sim, { customer });
  return { invoice: await sim.stripe.invoices.attachPayment(id, { payment_intent: payment.id }), payment };
}

const vat = { display_name: 'VAT', percentage: 19, inclusive: false };

/** 1000 net and 190 of tax that the caller has calculated, paid outside of Stripe. */
export async function paidWithTax(sim: Simulated): Promise<{ invoice: Stripe.Invoice; line: string; rate: string }> {
  const invoice = await sim.stripe.invoices.create({ customer: await newCustomer(sim), currency: 'eur' });
  const tax_amounts = [{ amount: 190, taxable_amount: 1000, tax_rate_data: vat }];
  await sim.stripe.invoices.addLines(invoice.id, { lines: [{ amount: 1000, description: 'Course', tax_amounts }] });
  const final = await sim.stripe.invoices.pay(invoice.id, { paid_out_of_band: true });
  const [line] = final.lines.data;
  return { invoice: final, line: line?.id ?? '', rate: line?.taxes?.[0]?.tax_rate_details?.tax_rate ?? '' };
}
