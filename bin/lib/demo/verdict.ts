import type Stripe from 'stripe';
import type { Observation } from './observation.ts';
import type { Purchase } from './purchase.ts';

/** What Stripe itself says about the payment at the end: the proof that does not rest on our own tables. */
export type Proof = {
  intent: Pick<Stripe.PaymentIntent, 'amount_received' | 'currency'>;
  /** All invoices that name this payment. */
  invoices: Pick<Stripe.Invoice, 'id' | 'number' | 'status' | 'total' | 'currency' | 'amount_remaining'>[];
};

export async function fetchProof(stripe: Stripe, { paymentIntent }: Purchase): Promise<Proof> {
  const intent = await stripe.paymentIntents.retrieve(paymentIntent);
  const listed = await stripe.invoices.list({ created: { gte: intent.created }, limit: 100 });
  return { intent, invoices: listed.data.filter(({ metadata }) => metadata?.payment_intent === paymentIntent) };
}

/** Why the end of the walk is not right, in sentences; none when it is. */
export function complaints(
  { events, invoice }: Observation,
  { repeatedEvent, sentOrder }: Purchase,
  { intent, invoices }: Proof,
): string[] {
  const wrong: string[] = [];
  const expect = (holds: boolean, otherwise: string) => {
    if (!holds) wrong.push(otherwise);
  };
  expect(intent.amount_received > 0, 'Nothing was received.');
  expect(invoices.length === 1, `Stripe has ${invoices.length} invoices for this payment instead of one.`);
  for (const { id, number, status, total, currency, amount_remaining: open } of invoices) {
    expect(id === invoice?.stripeInvoice, `Stripe has invoice ${id}, Quittance knows ${invoice?.stripeInvoice}.`);
    expect(
      number !== null && number === invoice?.number,
      `Stripe says number ${number}, Quittance ${invoice?.number}.`,
    );
    expect(status === 'paid' && open === 0, `The invoice is ${status}, and ${open} remain to be paid.`);
    expect(
      total === intent.amount_received && currency === intent.currency,
      `The invoice says ${total} ${currency}; received was ${intent.amount_received} ${intent.currency}.`,
    );
  }
  expect(invoice?.settlement === 'out_of_band', `The invoice was settled ${invoice?.settlement}, not out of band.`);
  for (const { type, outcome, reason } of events) {
    expect(outcome !== null, `${type} has no outcome yet.`);
    expect(outcome !== 'review', `${type} waits for a person: ${reason}.`);
  }
  if (repeatedEvent !== '') {
    const deliveries = events.find(({ id }) => id === repeatedEvent)?.deliveries ?? 0;
    expect(deliveries >= 2, `The webhook that was sent twice arrived ${deliveries} times.`);
  }
  if (sentOrder.length > 0) {
    const positions = events.map(({ id }) => sentOrder.indexOf(id)).filter((position) => position >= 0);
    const overtaken = positions.some((position, index) => position < (positions[index - 1] ?? 0));
    expect(overtaken, 'The webhooks arrived in the order in which they were sent, so nothing was shown.');
  }
  return wrong;
}
