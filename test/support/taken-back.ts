import type Stripe from 'stripe';
import { z } from 'zod';
import { until } from './eventually.ts';
import { untilEventsDone, untilSettled } from './one-invoice.ts';
import { buy, payDirectly } from './purchases.ts';
import type { Records } from './records.ts';
import type { SimulatedStripe } from './simulated-stripe.ts';
import type { Story } from './story.ts';

/** What merchants, buyers and their banks do after a payment. */

export async function refund(
  { stripe }: SimulatedStripe,
  payment: string,
  params: Omit<Stripe.RefundCreateParams, 'payment_intent'> = {},
): Promise<string> {
  return (await stripe.refunds.create({ payment_intent: payment, ...params })).id;
}

type RefundStatus = 'succeeded' | 'failed' | 'canceled' | 'requires_action';

export async function moveRefund(side: SimulatedStripe, id: string, to: RefundStatus): Promise<void> {
  await side.control('POST', '/_sim/refunds/move', { refund: id, to });
}

const opened = z.object({ id: z.string() });

/** A chargeback of what was not refunded, because of fraud, unless told otherwise. */
export async function dispute(
  side: SimulatedStripe,
  payment: string,
  says: { amount?: number; reason?: string; status?: 'needs_response' | 'warning_needs_response' | 'prevented' } = {},
): Promise<string> {
  return opened.parse(await side.control('POST', '/_sim/disputes', { payment_intent: payment, ...says })).id;
}

/** Through these statuses, one after the other. */
export async function moveDispute(side: SimulatedStripe, id: string, ...through: string[]): Promise<void> {
  for (const to of through) await side.control('POST', '/_sim/disputes/move', { dispute: id, to });
}

/** A payment that has its invoice. Direct and of a guest, unless checkout parameters are given. */
export async function invoiced(
  { side, records }: Pick<Story, 'side' | 'records'>,
  how: { checkout?: Parameters<typeof buy>[1]; direct?: Partial<Stripe.PaymentIntentCreateParams> } = {},
): Promise<string> {
  const payment = how.checkout ? await buy(side, how.checkout) : await payDirectly(side, how.direct);
  await untilSettled(records, [payment]);
  return payment;
}

/** Everything that was made to be delivered is delivered, and every event has its outcome. */
export async function settledDown({ side, records }: Pick<Story, 'side' | 'records'>, timeout = 30_000): Promise<void> {
  await side.control('POST', '/_sim/webhooks/flush', { timeout_ms: timeout });
  await untilEventsDone(records, timeout);
}

export type AdjustmentRecord = {
  id: string;
  kind: string;
  status: string;
  decision: string;
  reason: string;
  amount: string;
};

export function adjustmentOf(records: Records, id: string): Promise<AdjustmentRecord> {
  return records.row('select * from adjustments where id = $1', [id]);
}

/** Waits until this refund or dispute is on record with this decision; `says` tells it from an earlier one of that name. */
export async function untilDecided(
  records: Records,
  id: string,
  decision: string,
  says: Partial<Pick<AdjustmentRecord, 'status' | 'reason'>> = {},
): Promise<AdjustmentRecord> {
  return until(
    async () => {
      const row = await adjustmentOf(records, id);
      const { status = row.status, reason = row.reason } = says;
      if (row.decision !== decision || row.status !== status || row.reason !== reason) {
        throw new Error(`${row.decision}: ${row.status}, ${row.reason}`);
      }
      return row;
    },
    { what: `${id} is decided ${decision}`, timeout: 20_000 },
  );
}

/** Sends one event of this type about this object again, or for the first time while deliveries are paused. */
export async function sendEvent(side: SimulatedStripe, type: string, object: string): Promise<void> {
  const found = (await side.events()).findLast((event) => event.type === type && event.data.object.id === object);
  if (!found) throw new Error(`Stripe made no ${type} about ${object}`);
  await side.control('POST', '/_sim/webhooks/send', { event: found.id });
}
