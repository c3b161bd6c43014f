import type Stripe from 'stripe';
import { expect } from 'vitest';
import { until } from './eventually.ts';
import type { ClaimRecord, Records } from './records.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';

/** The promise itself: one payment, one paid invoice of the same amount, and nothing else was done to anybody. */

export type BooksOptions = {
  /** Invoices that were voided and made anew, over all payments. Default 0. */
  voided?: number;
  /** `as_fits`: attached where Stripe has the payment on the invoice, else out of band. Default out of band. */
  settlement?: 'out_of_band' | 'attached' | 'as_fits';
  /** Balances other than 0 that customers have, and keep: their invoices go to a stand-in. Minor units. */
  balances?: Record<string, number>;
};

/** Waits until each of these payments has its invoice, or was skipped; says which have not, and what is asked, otherwise. */
export async function untilSettled(records: Records, payments: readonly string[], timeout = 20_000): Promise<void> {
  await until(
    async () => {
      const waiting = await records.rows(
        `select p as payment, i.step, y.verdict, y.reason from unnest($1::text[]) p
         left join payments y on y.payment_intent = p
         left join payment_invoices i on i.payment_intent = p and i.reverses is null
         where y.settled_at is null`,
        [payments],
      );
      if (waiting.length === 0) return true;
      const asked = await records.rows(`select kind, summary from review_items where state = 'open' limit 3`);
      return complain([...asked, ...waiting], 'payments are not settled, or questions open');
    },
    { timeout, interval: 50, what: `${payments.length} payments are settled` },
  );
}

/** Waits until each stored event has its outcome. */
export async function untilEventsDone(records: Records, timeout = 20_000): Promise<void> {
  await until(
    async () => {
      const waiting = await records.rows(
        'select id, type, attempts, last_error from stripe_events where outcome is null',
      );
      return waiting.length === 0 || complain(waiting, 'events have no outcome');
    },
    { timeout, interval: 50, what: 'every event has its outcome' },
  );
}

function complain(rows: readonly object[], what: string): never {
  throw new Error(`${rows.length} ${what}, such as ${JSON.stringify(rows.slice(0, 3))}`);
}

/**
 * Compares Stripe's side and ours for these payments, which must be all that there are.
 * @returns the invoice of each payment
 */
export async function expectOneInvoiceEach(
  { stripe }: SimulatedStripe,
  records: Records,
  payments: readonly string[],
  { voided = 0, settlement = 'out_of_band', balances = {} }: BooksOptions = {},
): Promise<Map<string, Stripe.Invoice>> {
  const everything = { limit: 10_000 };
  const [invoices, charges, customers, claims, payEvents] = await Promise.all([
    stripe.invoices.list({ limit: 100 }).autoPagingToArray(everything),
    stripe.charges.list({ limit: 100 }).autoPagingToArray(everything),
    stripe.customers.list({ limit: 100 }).autoPagingToArray(everything),
    records.rows<ClaimRecord>('select * from payment_invoices where reverses is null'),
    stripe.events.list({ type: 'invoice.paid', limit: 100 }).autoPagingToArray(everything),
  ]);
  expect(new Set(payments).size).toBe(payments.length);
  expect(invoices.filter(({ status }) => status === 'void')).toHaveLength(voided);
  const living = invoices.filter(({ status }) => status !== 'void');
  expect(living.map(({ status, metadata }) => `${status} ${metadata?.payment_intent}`).sort()).toEqual(
    payments.map((payment) => `paid ${payment}`).sort(),
  );
  expect(payEvents, 'each invoice was paid once').toHaveLength(living.length);

  const charged = charges.filter(({ paid }) => paid);
  expect(charged.map(({ payment_intent: intent }) => intent).sort(), 'nobody was charged again').toEqual(
    [...payments].sort(),
  );
  const madeFor = customers.flatMap(({ metadata }) =>
    metadata.made_by === 'quittance' ? [metadata.payment_intent] : [],
  );
  expect(new Set(madeFor).size, 'no customer was made twice').toBe(madeFor.length);
  const left = customers.filter(({ balance }) => balance !== 0).map(({ id, balance }) => [id, balance]);
  expect(Object.fromEntries(left), 'no balance has changed').toEqual(balances);
  expect(claims).toHaveLength(payments.length);

  const byPayment = new Map(living.map((invoice) => [invoice.metadata?.payment_intent ?? '', invoice]));
  for (const charge of charged) {
    const payment = String(charge.payment_intent);
    const invoice = byPayment.get(payment);
    expect(invoice).toMatchObject({
      total: charge.amount_captured,
      amount_paid: charge.amount_captured,
      amount_remaining: 0,
      starting_balance: 0,
      currency: charge.currency,
      auto_advance: false,
    });
    const buyer = String(charge.customer);
    if (charge.customer && !(buyer in balances)) expect(invoice?.customer).toBe(buyer);
    const claim = claims.find(({ payment_intent: intent }) => intent === payment);
    expect({ ...claim, total: Number(claim?.total) }).toMatchObject({
      step: 'paid',
      stripe_invoice: invoice?.id,
      number: invoice?.number,
      total: charge.amount_captured,
      currency: charge.currency,
      customer: invoice?.customer,
      settlement: settlement === 'as_fits' ? expect.stringMatching(/^(attached|out_of_band)$/) : settlement,
    });
  }
  const leases = await records.rows(
    'select payment_intent as subject from payments where lease_until > now() union all select subject from leases where until > now()',
  );
  expect(leases, 'nobody works on a payment any more').toEqual([]);
  return byPayment;
}
