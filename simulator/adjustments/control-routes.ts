import type { Context } from '../core/context.ts';
import { type ControlRoute, control } from '../core/control.ts';
import { missingParam } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { int, oneOf, required, string } from '../core/params.ts';
import type { World } from '../core/world.ts';
import { moveDispute, openDispute } from './dispute.ts';
import { askCustomer, cancelRefund, failRefund, succeedRefund } from './refund.ts';

/** The charge that is named, or the successful one of the payment intent that is. */
function chargeAt(
  world: World,
  charge: string | undefined,
  intent: string | undefined,
): [Context, ObjectTypes['charge']] {
  if (charge !== undefined) return world.locate('charge', charge, ({ store }) => store.charge.get(charge));
  if (intent === undefined) throw missingParam('charge');
  return world.locate('payment_intent', intent, ({ store }) =>
    store.charge.get(store.payment_intent.get(intent)?.latest_charge ?? ''),
  );
}

/** What buyers and their banks do after a payment. */
export const adjustmentsControl: readonly ControlRoute[] = [
  control(
    'POST',
    '/_sim/disputes',
    {
      charge: string(),
      payment_intent: string(),
      amount: int({ min: 1 }),
      reason: string(),
      status: oneOf('needs_response', 'warning_needs_response', 'prevented'),
    },
    ({ world }, { charge: chargeId, payment_intent: intentId, amount, reason, status }) => {
      const [context, charge] = chargeAt(world, chargeId, intentId);
      return openDispute(context, charge, {
        amount,
        reason: reason ?? 'fraudulent',
        status: status ?? 'needs_response',
      });
    },
  ),
  control(
    'POST',
    '/_sim/disputes/move',
    {
      dispute: required(string()),
      to: required(
        oneOf(
          'needs_response',
          'under_review',
          'won',
          'lost',
          'prevented',
          'warning_under_review',
          'warning_closed',
          'appeal_needs_response',
          'appeal_under_review',
        ),
      ),
    },
    ({ world }, { dispute: id, to }) => {
      const [context, dispute] = world.locate('dispute', id, ({ store }) => store.dispute.get(id));
      moveDispute(context, dispute, to);
      return dispute;
    },
  ),
  control(
    'POST',
    '/_sim/refunds/move',
    {
      refund: required(string()),
      to: required(oneOf('succeeded', 'failed', 'canceled', 'requires_action')),
      failure_reason: string(),
    },
    ({ world }, { refund: id, to, failure_reason: reason }) => {
      const [context, refund] = world.locate('refund', id, ({ store }) => store.refund.get(id));
      if (to === 'succeeded') succeedRefund(context, refund);
      else if (to === 'failed') failRefund(context, refund, reason);
      else if (to === 'canceled') cancelRefund(context, refund);
      else askCustomer(context, refund);
      return refund;
    },
  ),
];
