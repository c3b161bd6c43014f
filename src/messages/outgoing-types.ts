/** THE LIST of outgoing events; add a line, and call `announce` with it in the transaction of its cause. */
export const OUTGOING_TYPES = ['invoice.paid', 'document.created', 'payment.failed', 'review.raised'] as const;
export type OutgoingType = (typeof OUTGOING_TYPES)[number];
