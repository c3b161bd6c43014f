import type Stripe from 'stripe';

/**
 * What a refund or a dispute means for the books, pure. A refund whose money has gone out leaves a credit note, and so does
 * a dispute that was lost; everything else leaves none, or none yet.
 */
export interface Adjustment {
  /** re_… or du_… */
  readonly id: string;
  readonly kind: 'refund' | 'dispute';
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
  /** Stripe's reason. */
  readonly cause: string | null;
  /** Seconds since 1970: the date of the note. */
  readonly happenedAt: number;
}

export type Decision = {
  readonly decision: 'note' | 'none' | 'wait';
  readonly reason: string;
};

type Told = 'id' | 'amount' | 'currency' | 'status' | 'reason' | 'created';

export function adjustmentOfRefund(refund: Pick<Stripe.Refund, Told>): Adjustment {
  return {
    id: refund.id,
    kind: 'refund',
    amount: refund.amount,
    currency: refund.currency,
    status: refund.status ?? 'unknown',
    cause: refund.reason,
    happenedAt: refund.created,
  };
}

export function adjustmentOfDispute(dispute: Pick<Stripe.Dispute, Told>): Adjustment {
  return {
    id: dispute.id,
    kind: 'dispute',
    amount: dispute.amount,
    currency: dispute.currency,
    status: dispute.status,
    cause: dispute.reason,
    happenedAt: dispute.created,
  };
}

export function decide({ kind, status }: Adjustment): Decision {
  return kind === 'refund' ? decideRefund(status) : decideDispute(status);
}

function decideRefund(status: string): Decision {
  switch (status) {
    case 'succeeded':
      return { decision: 'note', reason: 'the refund succeeded' };
    case 'failed':
    case 'canceled':
      return { decision: 'none', reason: `the refund is ${status}: the money is still here` };
    default:
      return { decision: 'wait', reason: `the refund is ${status}` };
  }
}

function decideDispute(status: string): Decision {
  switch (status) {
    case 'lost':
      return { decision: 'note', reason: 'the dispute was lost' };
    case 'won':
      return { decision: 'none', reason: 'the dispute was won' };
    case 'warning_closed':
      return { decision: 'none', reason: 'the inquiry was closed without a chargeback' };
    case 'prevented':
      return { decision: 'none', reason: 'the dispute was prevented: look for its refund' };
    default:
      return { decision: 'wait', reason: `the dispute is ${status}` };
  }
}

/** Whether money is being contested right now: the payment carries a flag as long as that is so. */
export function isContested({ kind, status }: Adjustment): boolean {
  return kind === 'dispute' && decideDispute(status).decision === 'wait';
}

/** Stripe's reasons for a credit note, where one of them is what happened. */
export function noteReason({ cause }: Adjustment): Stripe.CreditNoteCreateParams.Reason | undefined {
  switch (cause) {
    case 'duplicate':
    case 'fraudulent':
      return cause;
    case 'requested_by_customer':
      return 'order_change';
    case 'product_not_received':
    case 'product_unacceptable':
      return 'product_unsatisfactory';
  }
  return undefined;
}
