import type { Context } from '../core/context.ts';
import { decimalsOf } from '../core/currencies.ts';
import { refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { book } from './bookings.ts';
import { closes, type Dispute, holdsMoney, nextStatuses, type Status, statusOf } from './dispute-state.ts';
import { noEvidence } from './no-evidence.ts';
import { createRefund } from './refund.ts';

type Charge = ObjectTypes['charge'];

export interface DisputeFields {
  /** Minor units; what was not refunded if not given. */
  amount?: number | undefined;
  /** As Stripe names it: `fraudulent`, `product_not_received`, `general` and so on. */
  reason: string;
  /** `needs_response` is a chargeback, `warning_needs_response` an inquiry, `prevented` was settled by a refund. */
  status: 'needs_response' | 'warning_needs_response' | 'prevented';
}

const ANSWER_WITHIN_SECONDS = 14 * 86_400;

/** What Stripe keeps for a chargeback, won or lost: 15.00 in the currency of the charge. */
const FEE = 15;

/** The buyer goes to the bank. A chargeback takes the money at once. Source: https://docs.stripe.com/disputes/how-disputes-work */
export function openDispute(context: Context, charge: Charge, fields: DisputeFields): Dispute {
  const { amount_captured: captured, amount_refunded: given, id } = charge;
  if (charge.status !== 'succeeded') throw refused(`simulator: charge ${id} did not succeed and cannot be disputed`);
  const amount = fields.amount ?? (captured > given ? captured - given : captured);
  if (amount > captured) throw refused(`simulator: charge ${id} was of ${captured} only`, { param: 'amount' });
  if (fields.status === 'prevented') createRefund(context, charge, { amount, reason: 'fraudulent' });
  const dispute = context.store.dispute.add(newDispute(context, charge, amount, fields));
  charge.disputed = true;
  context.emit('charge.dispute.created', dispute);
  if (holdsMoney(fields.status)) withdraw(context, dispute);
  awaitAnswer(context, dispute);
  return dispute;
}

function newDispute(context: Context, charge: Charge, amount: number, { reason, status }: DisputeFields): Dispute {
  const brand = charge.payment_method_details?.card?.brand ?? 'visa';
  const network_reason_code = reason === 'fraudulent' ? '10.4' : '13.1';
  const inquiry = status === 'warning_needs_response';
  return {
    id: context.id('du_'),
    object: 'dispute',
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: context.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: context.now() + ANSWER_WITHIN_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: 'not_submitted',
    },
    intended_submission_method: 'manual',
    is_charge_refundable: inquiry,
    livemode: context.livemode,
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method_details: {
      card: { brand, case_type: inquiry ? 'inquiry' : 'chargeback', network: brand, network_reason_code },
      type: 'card',
    },
    reason,
    status,
  };
}

/**
 * The dispute goes on. Money is withdrawn where an inquiry becomes a chargeback and comes back where one is won; the fee does
 * not. Emits `charge.dispute.updated`, and what the new status brings with it.
 */
export function moveDispute(context: Context, dispute: Dispute, to: Status): void {
  const from = statusOf(dispute);
  if (!nextStatuses[from].includes(to)) {
    throw refused(`simulator: a dispute that is ${from} cannot become ${to}`, { param: 'status' });
  }
  if (to === 'prevented') {
    const charge = context.store.charge.need(dispute.charge);
    createRefund(context, charge, { amount: dispute.amount, reason: 'fraudulent' });
  }
  context.change(dispute, 'charge.dispute.updated', () => {
    dispute.status = to;
    dispute.is_charge_refundable = !holdsMoney(to);
    const escalates = from.startsWith('warning') && to === 'needs_response';
    const card = dispute.payment_method_details?.card;
    if (escalates && card !== undefined) card.case_type = 'chargeback';
    if (to.endsWith('needs_response')) dispute.evidence_details.due_by = context.now() + ANSWER_WITHIN_SECONDS;
  });
  if (!holdsMoney(from) && holdsMoney(to)) withdraw(context, dispute);
  if (holdsMoney(from) && to === 'won') reinstate(context, dispute);
  if (closes(to)) context.emit('charge.dispute.closed', dispute);
  awaitAnswer(context, dispute);
}

function withdraw(context: Context, dispute: Dispute): void {
  const { amount, charge, currency, id } = dispute;
  const fee = FEE * 10 ** decimalsOf(currency);
  const booked = book(context, {
    amount: -amount,
    fee: { amount: fee, description: 'Dispute fee' },
    currency,
    source: id,
    type: 'adjustment',
    reportingCategory: 'dispute',
    description: `Chargeback withdrawal for ${charge}`,
  });
  dispute.balance_transactions.push(booked);
  context.emit('charge.dispute.funds_withdrawn', dispute);
}

function reinstate(context: Context, dispute: Dispute): void {
  const { amount, charge, currency, id } = dispute;
  const booked = book(context, {
    amount,
    currency,
    source: id,
    type: 'adjustment',
    reportingCategory: 'dispute_reversal',
    description: `Chargeback reversal for ${charge}`,
  });
  dispute.balance_transactions.push(booked);
  context.emit('charge.dispute.funds_reinstated', dispute);
}

/** Whoever does not answer in time has lost; an inquiry is dropped. */
function awaitAnswer(context: Context, dispute: Dispute): void {
  const { due_by: dueBy } = dispute.evidence_details;
  if (dueBy === null || !dispute.status.endsWith('needs_response')) return;
  context.later((dueBy - context.now()) * 1000, (later) => {
    if (!dispute.status.endsWith('needs_response') || dispute.evidence_details.due_by !== dueBy) return;
    dispute.evidence_details.past_due = true;
    moveDispute(later, dispute, dispute.status === 'warning_needs_response' ? 'warning_closed' : 'lost');
  });
}
