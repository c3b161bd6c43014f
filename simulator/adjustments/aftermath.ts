import type { Reactions } from '../core/context.ts';
import { behaviourOf } from '../payments/payment-method.ts';
import type { Aftermath } from '../payments/test-cards.ts';
import { type DisputeFields, openDispute } from './dispute.ts';

const disputed: Partial<Record<Aftermath, DisputeFields>> = {
  dispute: { reason: 'fraudulent', status: 'needs_response' },
  dispute_not_received: { reason: 'product_not_received', status: 'needs_response' },
  inquiry: { reason: 'fraudulent', status: 'warning_needs_response' },
};

/** Charges with the cards whose owners always dispute are disputed the moment they succeed. */
export const disputeReactions: Reactions = {
  'payment_intent.succeeded'(context, intent) {
    const charge = context.store.charge.get(intent.latest_charge ?? '');
    const method = context.store.payment_method.get(charge?.payment_method ?? '');
    if (charge === undefined || method === undefined) return;
    const behaviour = behaviourOf(method);
    const fields =
      behaviour.kind === 'succeeds' && behaviour.aftermath !== undefined ? disputed[behaviour.aftermath] : undefined;
    if (fields !== undefined) openDispute(context, charge, fields);
  },
};
