/**
 * THE LIST of records that others are derived from, each with what it may turn to that somebody is told of. What is derived
 * from which: billing/dependents.ts.
 */
export const RECORDS = {
  /** A row of `invoices`, by its id (inv_…). */
  own_invoice: ['issued', 'paid'],
  /** A failed try to pay an own invoice, a row of `payment_log`. It may have been paid since: `overtaken`. */
  payment_attempt: ['failed', 'overtaken'],
  /** A row of `payment_invoices`: the Stripe invoice of a payment, or one that takes a credit note back. */
  payment_invoice: ['issued'],
  /** A row of `credit_notes`. */
  credit_note: ['issued'],
  /** A one-off payment with what was bought (`purchases`) and what was taken back of it (`adjustments`), by its payment intent. */
  payment: ['paid'],
  /** A row of `subscriptions` with its items and invoices. */
  subscription: ['synced'],
  /** A row of `test_clocks`: what time it is for all that is on it. */
  test_clock: ['moved'],
  /** A row of `access_by_hand`. */
  access_by_hand: ['granted', 'ended'],
  /** What somebody may use, by his reference in the application: it may change by time alone. */
  access: ['changed'],
} as const satisfies Record<string, readonly string[]>;

export type RecordKind = keyof typeof RECORDS;
export type Turn<R extends RecordKind> = (typeof RECORDS)[R][number];

export interface Changed<R extends RecordKind = RecordKind> {
  readonly record: R;
  readonly id: string;
  /** What it has just become, in this very transaction and for the first time; without it nothing is told. */
  readonly turned?: Turn<R> | undefined;
}

/** @param text of a row, perhaps of another release */
export function turnOf<R extends RecordKind>(record: R, text: string | null): Turn<R> | undefined {
  const turns: readonly Turn<R>[] = RECORDS[record];
  return turns.find((turn) => turn === text);
}
