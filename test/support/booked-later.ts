import { beforeAll, expect } from 'vitest';
import { openReviewItems } from '../../src/billing/desk/review-items.ts';
import { routeOf } from '../../src/billing/stripe-events.ts';
import { findClaim } from '../../src/billing/stripe-invoices/payment-invoices.ts';
import { settlePayment } from '../../src/billing/stripe-invoices/settle-payment.ts';
import { rows } from '../../src/platform/db.ts';
import { BusyError } from '../../src/platform/errors.ts';
import type { BillingUnderTest } from './billing-deps.ts';
import { buy, payDirectly } from './purchases.ts';

/** Between order and money: small enough that all of them stay within the life of a Checkout Session. */
export const GAP = 15 * 60;
export const MINUTE = 60;

export const ref = (paymentIntent: string) => ({ account: '', paymentIntent });

/** Debits and captures, of which Stripe books nothing before the clock is moved. */
export function bookedLater({ deps, side }: BillingUnderTest) {
  const { db, stripe } = deps;
  beforeAll(() => side.control('POST', '/_sim/settings', { balance_delay_ms: MINUTE * 1_000 }));

  const advance = (seconds: number) => side.control('POST', '/_sim/clock/advance', { seconds });
  const bankAnswers = (payment: string) =>
    side.control('POST', '/_sim/payments/settle', { payment_intent: payment, outcome: 'paid' });

  /** A debit that was given days before its money came. */
  async function debited(): Promise<string> {
    const payment = await buy(side, {}, { choice: 'debit' });
    await advance(GAP);
    await bankAnswers(payment);
    return payment;
  }

  async function captured(): Promise<string> {
    const payment = await payDirectly(side, { capture_method: 'manual' });
    await advance(GAP);
    await stripe.paymentIntents.capture(payment);
    return payment;
  }

  async function factsOf(payment: string) {
    const intent = await stripe.paymentIntents.retrieve(payment, { expand: ['latest_charge.balance_transaction'] });
    const charge = intent.latest_charge;
    if (!charge || typeof charge === 'string') throw new Error('no charge');
    const booking = charge.balance_transaction;
    return { given: charge.created, booked: booking && typeof booking !== 'string' ? booking.created : null };
  }

  async function invoiceOf(payment: string) {
    const claim = await findClaim(db, ref(payment));
    return claim?.stripe_invoice ? stripe.invoices.retrieve(claim.stripe_invoice) : undefined;
  }

  const adjustmentsOf = (payment: string) =>
    rows(db, 'SELECT id, decision FROM adjustments WHERE payment_intent = ?', [payment]);

  async function questionsAbout(payment: string) {
    return (await openReviewItems(db)).filter(({ subject }) => subject === payment);
  }

  /** As if it had waited for an hour. */
  const waitedLong = (payment: string) =>
    rows(db, `UPDATE payments SET unbooked_since = now() - interval '61 minutes' WHERE payment_intent = ?`, [payment]);

  const busy = (payment: string) => expect(settlePayment(ref(payment), deps)).rejects.toBeInstanceOf(BusyError);

  /** Looks at a payment that has waited for an hour. @returns the question that is asked then */
  async function asked(payment: string): Promise<number> {
    await busy(payment);
    await waitedLong(payment);
    await settlePayment(ref(payment), deps);
    const [question] = await questionsAbout(payment);
    return question?.id ?? 0;
  }

  /** What a worker does with such an event. */
  async function handle(type: string, object: unknown) {
    const route = routeOf(type);
    const subject = route?.about(object);
    return subject && 'found' in subject ? subject.found.bring(deps) : undefined;
  }

  return {
    advance,
    bankAnswers,
    debited,
    captured,
    factsOf,
    invoiceOf,
    adjustmentsOf,
    questionsAbout,
    waitedLong,
    asked,
    busy,
    handle,
  };
}
