/** THE LIST of outgoing events; add a line, and tell it where what it is about is told (billing/telling/tell-systems.ts). */
export const OUTGOING_TYPES = [
  'invoice.paid',
  'document.created',
  'payment.failed',
  'access.changed',
  'access.granted',
  'access.revoked',
  'review.raised',
] as const;
export type OutgoingType = (typeof OUTGOING_TYPES)[number];
