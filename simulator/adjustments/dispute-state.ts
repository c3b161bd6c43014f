import type { ObjectTypes } from '../core/objects.ts';

export type Dispute = ObjectTypes['dispute'];
export type Status =
  | 'warning_needs_response'
  | 'warning_under_review'
  | 'warning_closed'
  | 'needs_response'
  | 'under_review'
  | 'won'
  | 'lost'
  | 'prevented'
  | 'appeal_needs_response'
  | 'appeal_under_review';

/** Where a dispute can go from where it is. An inquiry can become a chargeback; a lost one can come back as an appeal. */
export const nextStatuses: Readonly<Record<Status, readonly Status[]>> = {
  warning_needs_response: ['warning_under_review', 'warning_closed', 'needs_response', 'prevented'],
  warning_under_review: ['warning_closed', 'needs_response'],
  warning_closed: [],
  needs_response: ['under_review', 'won', 'lost'],
  under_review: ['won', 'lost'],
  won: [],
  lost: ['appeal_needs_response'],
  prevented: [],
  appeal_needs_response: ['appeal_under_review', 'lost'],
  appeal_under_review: ['won', 'lost'],
};

/** The buyer's bank holds the disputed money: everything but an inquiry, a won and a prevented dispute. */
export function holdsMoney(status: Status): boolean {
  return ['needs_response', 'under_review', 'lost', 'appeal_needs_response', 'appeal_under_review'].includes(status);
}

export const isStatus = (value: string): value is Status => Object.hasOwn(nextStatuses, value);

export function statusOf({ id, status }: Dispute): Status {
  if (isStatus(status)) return status;
  throw new Error(`Bug: dispute ${id} has the status ${status}`);
}

/** What is disputed for good cannot be given back a second time. */
export const blocksRefunds = (dispute: Dispute): boolean => holdsMoney(statusOf(dispute));

/** `charge.dispute.closed` is sent for these. */
export const closes = (status: Status): boolean => ['won', 'lost', 'warning_closed'].includes(status);
