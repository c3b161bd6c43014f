import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type Stripe from 'stripe';
import { payOnPage } from './checkout-page.ts';
import { learner, openCheckout } from './purchase.ts';
import { control } from './simulator-control.ts';
import type { StripeSide } from './stripe-side.ts';
import { money, table } from './table.ts';

/** Three payments of which something is taken back: a part, the whole, and by the bank. */
export type TakenBack = { what: string; paymentIntent: string; amount: number; taken: number; currency: string };

export async function takeBack(stripe: Stripe, side: StripeSide, firstPayment: string): Promise<TakenBack[]> {
  const first = await stripe.paymentIntents.retrieve(firstPayment);
  const [refunded, disputed] = [await buy(stripe), await buy(stripe)];
  const part = 4_900;
  await stripe.refunds.create({ payment_intent: first.id, amount: part, reason: 'requested_by_customer' });
  await stripe.refunds.create({ payment_intent: refunded.id, reason: 'requested_by_customer' });
  const dispute = await control(side, 'POST', '/_sim/disputes', { payment_intent: disputed.id, reason: 'fraudulent' });
  await control(side, 'POST', '/_sim/disputes/move', { dispute: idOf(dispute), to: 'lost' });
  const of = (what: string, intent: Stripe.PaymentIntent, taken: number): TakenBack => ({
    what,
    paymentIntent: intent.id,
    amount: intent.amount_received,
    taken,
    currency: intent.currency,
  });
  return [
    of('partial refund', first, part),
    of('full refund', refunded, refunded.amount_received),
    of('lost chargeback', disputed, disputed.amount_received),
  ];
}

async function buy(stripe: Stripe): Promise<Stripe.PaymentIntent> {
  const session = await openCheckout(stripe, 'https://example.com');
  await payOnPage(session.url, learner);
  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
  const intent = paid.payment_intent;
  if (intent === null || typeof intent === 'string')
    throw new Error(`Session ${session.id} was paid without a payment`);
  return intent;
}

function idOf(object: unknown): string {
  return typeof object === 'object' && object !== null && 'id' in object ? String(object.id) : '';
}

/** What Stripe has of a payment in the end: its invoice, and the notes on it. */
export type Balance = TakenBack & {
  invoice: Pick<Stripe.Invoice, 'number' | 'status' | 'total'> | undefined;
  notes: Pick<Stripe.CreditNote, 'number' | 'total' | 'out_of_band_amount'>[];
};

/** Waits until each has its note, or the patience is over; then asks Stripe, not our own tables. */
export async function balances(stripe: Stripe, database: pg.Client, taken: TakenBack[]): Promise<Balance[]> {
  const payments = taken.map(({ paymentIntent }) => paymentIntent);
  for (let round = 0; round < 300; round += 1) {
    const { rows } = await database.query(
      'select count(*)::int as issued from credit_notes where payment_intent = any($1) and issued_at is not null',
      [payments],
    );
    if (rows[0].issued >= taken.length) break;
    await sleep(100);
  }
  const found: Balance[] = [];
  for (const each of taken) {
    const { data } = await stripe.invoices.list({ limit: 100 });
    const invoice = data.find(({ metadata }) => metadata?.payment_intent === each.paymentIntent);
    const notes = invoice ? (await stripe.creditNotes.list({ invoice: invoice.id, limit: 100 })).data : [];
    found.push({ ...each, invoice, notes });
  }
  return found;
}

export function balanceTable(found: Balance[]): string {
  const rows = found.map(({ what, invoice, notes, amount, currency }) => [
    what,
    `${invoice?.number ?? 'no invoice'} ${money(invoice?.total ?? 0, currency)}`,
    notes.map((note) => `${note.number} -${money(note.total, currency)}`).join(', ') || 'none',
    money(amount - notes.reduce((sum, note) => sum + note.total, 0), currency),
  ]);
  return `\nTaken back\n${table(['what', 'invoice', 'credit notes', 'left'], rows, false)}\n`;
}

/** Why the documents are not right, in sentences; none when they are. */
export function balanceComplaints(found: Balance[]): string[] {
  return found.flatMap(({ what, invoice, notes, amount, taken }) => [
    ...(invoice?.status === 'paid' && invoice.total === amount
      ? []
      : [`The payment of the ${what} has no paid invoice.`]),
    ...(notes.length === 1 ? [] : [`The ${what} left ${notes.length} credit notes instead of one.`]),
    ...notes
      .filter((note) => note.total !== taken)
      .map((note) => `The note of the ${what} says ${note.total}, not ${taken}.`),
    ...notes
      .filter((note) => note.out_of_band_amount !== taken)
      .map(() => `The note of the ${what} would have moved money.`),
  ]);
}
