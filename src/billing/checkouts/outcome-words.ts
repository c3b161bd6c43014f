import type { CheckoutMonth } from './checkout-figures.ts';
import type { SessionOutcome } from './session-outcome.ts';

/** What became of checkouts, in words. */
export const OUTCOME_WORDS: Readonly<Record<SessionOutcome['outcome'], string>> = {
  open: 'open',
  pending: 'on its way',
  succeeded: 'succeeded',
  failed: 'failed',
  abandoned: 'not tried',
  left_out: 'left out by a rule',
};

const REASON_WORDS: Readonly<Record<NonNullable<SessionOutcome['reason']>, string>> = {
  declined: 'declined',
  not_confirmed: 'not confirmed by the buyer',
  payment_failed: 'the payment did not come',
  question: 'paid, and waits for an answer',
  not_fulfilled: 'paid, and neither document nor access',
  not_told: 'ended, Stripe is asked within the hour',
  under_way: 'the payment is under way',
  booking: 'its document waits for the day of the money',
  in_work: 'paid a moment ago',
};

const reasons: ReadonlyMap<string, string> = new Map(Object.entries(REASON_WORDS));

/** @param code in the word of Stripe or the bank */
export function reasonInWords(reason: string, code: string | null): string {
  const words = reasons.get(reason) ?? reason;
  return reason === 'declined' && code !== null ? `${words}: ${code}` : words;
}

/** Stands beside each percentage. */
export const DEFINITION = `Success: checkouts that were paid, or had nothing to pay, and gave a document or access, in all that succeeded or failed. Failed: the last try was declined or not finished, a bank debit did not come, or what was paid has neither document nor access after 15 minutes, or waits for an answer about them. Not in it: checkouts in which nobody tried to pay, those that are open or on their way, and those that a rule leaves out. Conversion: complete in all that were opened.`;

/** `98.7 %`, never rounded up to what was not reached; `–` where there is nothing to tell. */
export function percentInWords(percent: number | null): string {
  return percent === null ? '–' : `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
}

/** `2026-11: success 98.7 % (148 of 150), conversion 61.0 % (183 of 300)` */
export function monthInWords(
  { month, opened, completed, succeeded, failed }: CheckoutMonth,
  percents: { readonly success: number | null; readonly conversion: number | null },
): string {
  return `${month}: success ${percentInWords(percents.success)} (${succeeded} of ${succeeded + failed}), conversion ${percentInWords(percents.conversion)} (${completed} of ${opened})`;
}
