import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { clearable, object, type Params, text, unsimulated } from '../core/params.ts';
import { moveDispute } from './dispute.ts';
import { type Dispute, type Status, statusOf } from './dispute-state.ts';

const texts = {
  access_activity_log: text({ max: 20_000 }),
  billing_address: text(),
  cancellation_policy_disclosure: text({ max: 20_000 }),
  cancellation_rebuttal: text({ max: 20_000 }),
  customer_email_address: text(),
  customer_name: text(),
  customer_purchase_ip: text(),
  duplicate_charge_explanation: text({ max: 20_000 }),
  duplicate_charge_id: text(),
  product_description: text({ max: 20_000 }),
  refund_policy_disclosure: text({ max: 20_000 }),
  refund_refusal_explanation: text({ max: 20_000 }),
  service_date: text(),
  shipping_address: text(),
  shipping_carrier: text(),
  shipping_date: text(),
  shipping_tracking_number: text(),
  uncategorized_text: text({ max: 20_000 }),
} as const;

/** Evidence in words. Files cannot be uploaded to the simulator. */
export const evidenceParam = object({
  ...texts,
  appeal: clearable(
    object({ card: clearable(object({ reason_for_filing: text(), supporting_files: unsimulated() })) }),
  ),
  cancellation_policy: unsimulated(),
  customer_communication: unsimulated(),
  customer_signature: unsimulated(),
  duplicate_charge_documentation: unsimulated(),
  enhanced_evidence: unsimulated(),
  receipt: unsimulated(),
  refund_policy: unsimulated(),
  service_documentation: unsimulated(),
  shipping_documentation: unsimulated(),
  uncategorized_file: unsimulated(),
});

export type SentEvidence = NonNullable<Params<{ evidence: typeof evidenceParam }>['evidence']>;

/** Where a dispute waits for the merchant, and where an answer takes it. */
const answered: Partial<Record<Status, Status>> = {
  needs_response: 'under_review',
  warning_needs_response: 'warning_under_review',
  appeal_needs_response: 'appeal_under_review',
};

/** Evidence can be given while the dispute waits for it. */
export function checkOpen(dispute: Dispute): void {
  if (answered[statusOf(dispute)] === undefined) {
    throw refused(`This dispute has a status of ${dispute.status} and takes no evidence.`, { param: 'evidence' });
  }
}

export function stage(dispute: Dispute, sent: SentEvidence): void {
  const { appeal, ...words } = sent;
  const given = Object.entries(words).filter(([, value]) => value !== undefined);
  Object.assign(dispute.evidence, Object.fromEntries(given));
  if (appeal !== undefined) dispute.evidence.appeal = appealOf(appeal);
  dispute.evidence_details.has_evidence = true;
}

function appealOf(sent: SentEvidence['appeal']): NonNullable<Dispute['evidence']['appeal']> | null {
  const reason = sent?.card?.reason_for_filing ?? undefined;
  return sent == null ? null : { card: reason === undefined ? {} : { reason_for_filing: reason } };
}

/** Milliseconds of simulated time that the bank takes to read magic words. Other evidence it reads for ever. */
const REVIEW_MS = 1000;

/** Sends the evidence to the bank. Source of the magic words: https://docs.stripe.com/testing#disputes */
export function submit(context: Context, dispute: Dispute): void {
  const next = answered[statusOf(dispute)];
  if (next === undefined) return;
  dispute.evidence_details.submission_count++;
  dispute.evidence_details.submission_method = 'manual';
  moveDispute(context, dispute, next);
  const verdict = verdictOn(dispute, next);
  if (verdict === undefined) return;
  context.later(REVIEW_MS, (later) => {
    if (dispute.status === next) moveDispute(later, dispute, verdict);
  });
}

/** An inquiry that is answered badly becomes a chargeback: our reading, Stripe does not say. */
function verdictOn({ evidence }: Dispute, status: Status): Status | undefined {
  const words = [evidence.uncategorized_text, evidence.appeal?.card?.reason_for_filing];
  const inquiry = status === 'warning_under_review';
  if (words.includes('winning_evidence')) return inquiry ? 'warning_closed' : 'won';
  if (words.includes('losing_evidence')) return inquiry ? 'needs_response' : 'lost';
  return undefined;
}
