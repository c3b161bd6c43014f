/** A row of `payments`, and what names it. */
export interface PaymentRef {
  /** Connected account, empty for our own. */
  readonly account: string;
  readonly paymentIntent: string;
}

export interface PaymentRow {
  readonly account: string;
  readonly payment_intent: string;
  readonly livemode: boolean;
  readonly status: string | null;
  readonly amount_received: number | null;
  readonly currency: string | null;
  readonly verdict: 'invoice' | 'skip' | 'review' | null;
  readonly reason: string | null;
  readonly rule: string | null;
  /** What a person is asked while the verdict is `review`. */
  readonly parked_for: string | null;
  readonly settled_at: Date | null;
  /** Since when its booking is awaited. */
  readonly unbooked_since: Date | null;
}

export const PAYMENT_COLUMNS =
  'account, payment_intent, livemode, status, amount_received, currency, verdict, reason, rule, parked_for, settled_at, unbooked_since';
