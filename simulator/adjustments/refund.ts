import type { Context } from '../core/context.ts';
import { formatAmount } from '../core/currencies.ts';
import { refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Metadata } from '../core/wire.ts';
import { checkStep } from '../payments/intent.ts';
import { behaviourOf } from '../payments/payment-method.ts';
import { book } from './bookings.ts';
import { blocksRefunds } from './dispute-state.ts';

export type Refund = ObjectTypes['refund'];
type Charge = ObjectTypes['charge'];

export interface RefundFields {
  /** Minor units; the rest of the charge if not given. */
  amount?: number | undefined;
  reason?: 'duplicate' | 'fraudulent' | 'requested_by_customer' | undefined;
  metadata?: Metadata;
  instructionsEmail?: string | undefined;
}

/** Milliseconds of simulated time until a bank has taken a pending refund, or sent back one that it cannot place. */
const SETTLES_AFTER_MS = 5 * 86_400_000;

/** Everything that Stripe checks before it refunds. Gives the amount. */
export function checkRefund(context: Context, charge: Charge, wanted: number | undefined): number {
  const { amount_captured: captured, amount_refunded: refunded, currency, id } = charge;
  if (charge.status !== 'succeeded' || !charge.captured) {
    throw refused(`Charge ${id} is not refundable: its status is ${charge.status}.`, { code: 'charge_not_refundable' });
  }
  const [blocking] = context.store.dispute.newestFirst((dispute) => dispute.charge === id && blocksRefunds(dispute));
  if (blocking !== undefined) {
    throw refused(`Charge ${id} has been charged back; cannot issue a refund.`, { code: 'charge_disputed' });
  }
  const left = captured - refunded;
  if (left === 0) throw refused(`Charge ${id} has already been refunded.`, { code: 'charge_already_refunded' });
  if (wanted !== undefined && wanted > left) {
    const message = `Refund amount (${formatAmount(wanted, currency)}) is greater than unrefunded amount on charge (${formatAmount(left, currency)})`;
    throw refused(message, { param: 'amount' });
  }
  if (wanted !== undefined) checkStep(wanted, currency, 'amount');
  return wanted ?? left;
}

/**
 * Gives money back. Cards succeed at once, although the bank may return the money days later; bank debits wait for the bank.
 * Emits `refund.created` and `charge.refunded`. Source: https://docs.stripe.com/refunds
 */
export function createRefund(context: Context, charge: Charge, fields: RefundFields): Refund {
  const amount = checkRefund(context, charge, fields.amount);
  const method = context.store.payment_method.get(charge.payment_method ?? '');
  const behaviour = method === undefined ? undefined : behaviourOf(method);
  const aftermath = behaviour?.kind === 'succeeds' ? behaviour.aftermath : undefined;
  const isCard = charge.id.startsWith('ch_');
  const waits = !isCard || aftermath === 'refund_pending';
  const refund = context.store.refund.add({
    id: context.id(isCard ? 're_' : 'pyr_'),
    object: 'refund',
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: context.now(),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    ...(isCard ? { destination_details: { card: { type: waits ? 'pending' : 'refund' }, type: 'card' } } : {}),
    ...(fields.instructionsEmail === undefined ? {} : { instructions_email: fields.instructionsEmail }),
    metadata: fields.metadata ?? {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(waits ? { pending_reason: 'processing' } : {}),
    reason: fields.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: waits ? 'pending' : 'succeeded',
    transfer_reversal: null,
  });
  refund.balance_transaction = bookRefund(context, refund, -amount, isCard ? 'refund' : 'payment_refund').id;
  moveRefunded(charge, amount);
  context.emit('refund.created', refund);
  context.emit('charge.refunded', charge);
  const settle = aftermath === 'refund_fails' ? failRefund : waits ? succeedRefund : undefined;
  if (settle !== undefined) context.later(SETTLES_AFTER_MS, (later) => settle(later, refund));
  return refund;
}

function moveRefunded(charge: Charge, amount: number): void {
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount_captured;
}

function bookRefund(
  context: Context,
  refund: Refund,
  amount: number,
  type: 'refund' | 'payment_refund' | 'refund_failure' | 'payment_failure_refund',
) {
  const failed = type === 'refund_failure' || type === 'payment_failure_refund';
  return book(context, {
    amount,
    currency: refund.currency,
    source: refund.id,
    type,
    reportingCategory: failed ? 'refund_failure' : 'refund',
    description: failed ? 'REFUND FAILURE' : 'REFUND FOR PAYMENT',
  });
}

/** The bank has taken a refund that waited. Emits `refund.updated`; one that does not wait any more stays as it is. */
export function succeedRefund(context: Context, refund: Refund): void {
  if (refund.status !== 'pending' && refund.status !== 'requires_action') return;
  changeRefund(context, refund, () => {
    refund.status = 'succeeded';
    delete refund.pending_reason;
    if (refund.destination_details?.card !== undefined) refund.destination_details.card.type = 'refund';
  });
}

/** The bank could not place the money: it is back with the merchant. Emits `refund.updated` and `refund.failed`. */
export function failRefund(context: Context, refund: Refund, reason = 'expired_or_canceled_card'): void {
  if (!undoRefund(context, refund, 'failed', reason)) return;
  context.emit('refund.failed', refund);
}

/** Called off before the buyer had the money. */
export function cancelRefund(context: Context, refund: Refund): void {
  undoRefund(context, refund, 'canceled', 'merchant_request');
}

/** The money is back: `failure_balance_transaction` says so, and the charge is refunded less. */
function undoRefund(context: Context, refund: Refund, status: 'failed' | 'canceled', reason: string): boolean {
  if (refund.status === 'failed' || refund.status === 'canceled') return false;
  const charge = context.store.charge.need(refund.charge ?? '');
  const type = charge.id.startsWith('ch_') ? 'refund_failure' : 'payment_failure_refund';
  const booked = bookRefund(context, refund, refund.amount, type);
  changeRefund(context, refund, () => {
    refund.status = status;
    refund.failure_reason = reason;
    refund.failure_balance_transaction = booked.id;
    delete refund.pending_reason;
  });
  context.change(charge, 'charge.updated', () => moveRefunded(charge, -refund.amount));
  return true;
}

/** A payment method that needs the customer to act, such as one without refunds of its own. */
export function askCustomer(context: Context, refund: Refund): void {
  changeRefund(context, refund, () => {
    refund.status = 'requires_action';
  });
}

/** Both events tell of a change: the older one for the payment methods that have it, cards among them. */
export function changeRefund(context: Context, refund: Refund, mutate: () => void): void {
  const before: Refund = structuredClone(refund);
  context.change(refund, 'refund.updated', mutate);
  const changed = JSON.stringify(before) !== JSON.stringify(refund);
  if (changed && refund.charge?.startsWith('ch_')) context.emit('charge.refund.updated', refund);
}
