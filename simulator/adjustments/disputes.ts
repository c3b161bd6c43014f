import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import { bool, oneOf, type Params, string } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { moveDispute } from './dispute.ts';
import type { Dispute } from './dispute-state.ts';
import { checkOpen, evidenceParam, stage, submit } from './evidence.ts';

const updateShape = {
  evidence: evidenceParam,
  intended_submission_method: oneOf('manual', 'prefer_manual', 'prefer_smart_disputes', 'smart_disputes'),
  metadata: metadata(),
  submit: bool(),
} as const;

/** Evidence that is sent goes to the bank at once unless `submit` is false: then it waits for a later request. */
function update(context: Context, dispute: Dispute, params: Params<typeof updateShape>): Dispute {
  const { evidence, intended_submission_method: method } = params;
  if (evidence !== undefined) checkOpen(dispute);
  context.change(dispute, 'charge.dispute.updated', () => {
    dispute.metadata = mergeMetadata(dispute.metadata, params.metadata);
    if (method !== undefined) dispute.intended_submission_method = method;
    if (evidence !== undefined) stage(dispute, evidence);
  });
  const complete = evidence !== undefined || dispute.evidence_details.has_evidence;
  const wanted = params.submit ?? evidence !== undefined;
  if (complete && wanted) submit(context, dispute);
  return dispute;
}

/** "Closing the dispute … acknowledging it as lost." */
function close(context: Context, dispute: Dispute): Dispute {
  if (!dispute.status.endsWith('needs_response')) {
    throw refused(`This dispute has a status of ${dispute.status} and cannot be closed.`);
  }
  moveDispute(context, dispute, dispute.status === 'warning_needs_response' ? 'warning_closed' : 'lost');
  return dispute;
}

/** https://docs.stripe.com/api/disputes */
export const disputes: Resource = {
  expansions: { dispute: { charge: 'id', payment_intent: 'id' } },
  routes: [
    route('GET', '/v1/disputes/{id}', {}, (context, _params, { id }) => context.store.dispute.need(id)),
    route('POST', '/v1/disputes/{id}', updateShape, (context, params, { id }) =>
      update(context, context.store.dispute.need(id), params),
    ),
    route('POST', '/v1/disputes/{id}/close', {}, (context, _params, { id }) =>
      close(context, context.store.dispute.need(id)),
    ),
    route(
      'GET',
      '/v1/disputes',
      { ...listParams, ...createdParam, charge: string(), payment_intent: string() },
      (context, params) => {
        const { charge, created, payment_intent: intent } = params;
        const found = context.store.dispute.newestFirst(
          (dispute) =>
            (charge === undefined || dispute.charge === charge) &&
            (intent === undefined || dispute.payment_intent === intent) &&
            (created === undefined || inRange(dispute.created, created)),
        );
        return paginate(found, params, '/v1/disputes');
      },
    ),
  ],
};
