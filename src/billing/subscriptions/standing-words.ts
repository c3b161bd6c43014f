import type { Standing, Why } from './standing.ts';

/** How a subscription stands, as people read it; pure. */
export const STANDING_WORDS = {
  none: 'not begun',
  trialing: 'on trial',
  active: 'active',
  past_due: 'past due',
  canceled: 'canceled',
} as const satisfies Record<Standing['status'], string>;

export const WHY_WORDS = {
  first_payment: 'its first payment is not made',
  unpaid: 'Stripe tries no more to collect',
  paused: 'it is paused, and can go on',
  collection_paused: 'its invoices are not collected for now',
  ends: 'its end is planned',
} as const satisfies Record<Why, string>;

/** `past due: Stripe tries no more to collect` */
export function standingInWords({ status, why }: Pick<Standing, 'status' | 'why'>): string {
  return why === null ? STANDING_WORDS[status] : `${STANDING_WORDS[status]}: ${WHY_WORDS[why]}`;
}
