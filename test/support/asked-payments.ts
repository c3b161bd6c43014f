import { adjustPayment } from '../../src/billing/adjustments/adjust-payment.ts';
import type { Deps } from '../../src/billing/deps/deps.ts';
import { openReviewItems, type ReviewItem } from '../../src/billing/desk/review-items.ts';
import { settlePayment } from '../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../src/platform/db.ts';
import type { BillingUnderTest } from './billing-deps.ts';
import { actingBefore, answering } from './meddling.ts';
import { buy, item, payDirectly } from './purchases.ts';

/** A payment about which a person is asked, and under which circumstances that was. */
export interface AskedAbout {
  readonly payment: string;
  /** What the use cases reach while the cause is still there. */
  readonly deps: Deps;
}

/** How a payment comes to each kind of question about its invoice. */
export function waysToAsk({ deps, side }: BillingUnderTest) {
  const { db, stripe } = deps;
  const settle = (payment: string, on: Deps) => settlePayment({ account: '', paymentIntent: payment }, on);

  /** The invoice of the payment, as far as it is known here. */
  const claimed = async (payment: string): Promise<{ id: string; customer: string }> => {
    const [claim] = await rows<{ id: string | null; customer: string | null }>(
      db,
      'SELECT stripe_invoice AS id, customer FROM payment_invoices WHERE payment_intent = ?',
      [payment],
    );
    return { id: claim?.id ?? '', customer: claim?.customer ?? '' };
  };
  const stoppedBefore = async (call: Parameters<typeof actingBefore>[0]): Promise<string> => {
    const payment = await buy(side);
    await settle(
      payment,
      actingBefore(call, deps, () => Promise.reject(new Error('stopped'))),
    ).catch(() => undefined);
    return payment;
  };
  const asked = async (payment: string, on: Deps = deps): Promise<AskedAbout> => {
    await settle(payment, on);
    return { payment, deps: on };
  };
  const refusing = async (payment: string): Promise<AskedAbout> => {
    await side.fault({ kind: 'refuse', method: 'POST', path: '/v1/invoices' });
    const about = await asked(payment);
    await side.endFaults();
    return about;
  };

  return {
    eligibility_unclear: async () => {
      return asked(await buy(side), {
        ...deps,
        policy: { ...deps.policy, eligibility: { rules: [], otherwise: 'review' } },
      });
    },
    line_items_differ: async () => {
      const { id: vat } = await stripe.taxRates.create({ display_name: 'VAT', percentage: 19, inclusive: true });
      const payment = await buy(side, { line_items: [item('Course', 11_900, { tax_rates: [vat] })] });
      const tipped = answering('paymentIntents', 'retrieve', deps, (intent) => ({
        ...intent,
        amount_received: 12_400,
      }));
      return asked(payment, tipped);
    },
    invoice_total_differs: async () => {
      const payment = await buy(side);
      const meddled = actingBefore('addLines', deps, async () => {
        const { id: invoice, customer } = await claimed(payment);
        await stripe.invoiceItems.create({ invoice, customer, amount: 100, currency: 'eur' });
      });
      return { ...(await asked(payment, meddled)), deps };
    },
    invoice_refused: async () => refusing(await payDirectly(side)),
    invoice_not_settled: async () => {
      const open = (invoice: Record<string, unknown>) => ({ ...invoice, status: 'open' });
      const payment = await buy(side);
      const notPaid = answering('invoices', 'retrieve', answering('invoices', 'pay', deps, open), open);
      return { ...(await asked(payment, notPaid)), deps };
    },
    invoice_changed_by_hand: async () => {
      const payment = await stoppedBefore('pay');
      await stripe.invoices.markUncollectible((await claimed(payment)).id);
      return asked(payment);
    },
    customer_balance_consumed: async () => {
      const payment = await stoppedBefore('finalizeInvoice');
      const { customer } = await claimed(payment);
      await stripe.customers.createBalanceTransaction(customer, { amount: -50_000, currency: 'eur' });
      return asked(payment);
    },
    payment_not_booked: async () => {
      await side.control('POST', '/_sim/settings', { balance_delay_ms: 3_600_000 });
      const payment = await payDirectly(side, { capture_method: 'manual' });
      await stripe.paymentIntents.capture(payment);
      await side.control('POST', '/_sim/settings', { balance_delay_ms: 0 });
      await settle(payment, deps).catch(() => undefined);
      await rows(db, `UPDATE payments SET unbooked_since = now() - interval '61 minutes' WHERE payment_intent = ?`, [
        payment,
      ]);
      return asked(payment);
    },
  } satisfies Record<string, () => Promise<AskedAbout>>;
}

export async function questionAbout({ db }: Deps, subject: string): Promise<ReviewItem | undefined> {
  return (await openReviewItems(db)).find((each) => each.subject === subject);
}

/** What became of a refund of the payment. */
export async function refundDecision(payment: string, deps: Deps): Promise<string | undefined> {
  const { id } = await deps.stripe.refunds.create({ payment_intent: payment, amount: 100 });
  await adjustPayment({ account: '', paymentIntent: payment }, deps);
  const [row] = await rows<{ decision: string }>(deps.db, 'SELECT decision FROM adjustments WHERE id = ?', [id]);
  return row?.decision;
}
