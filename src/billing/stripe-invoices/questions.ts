/** What is asked about the Stripe invoice of a payment; the subject is the payment. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** A rule wants a person to decide. Minor units. */
    eligibility_unclear: { rule?: string | undefined; amount: number; currency: string };
    /** The lines that Checkout recorded don't come to what was received. Minor units. */
    line_items_differ: { expected: number; found: number; currency: string };
    invoice_total_differs: {
      expected: { total: number; currency: string };
      found: { total: number; currency: string };
    };
    invoice_not_settled: { invoice: string; amount_paid: number; amount_remaining: number; currency: string };
    invoice_changed_by_hand: { invoice: string; status: string | null };
    customer_balance_consumed: {
      invoice: string;
      starting_balance: number;
      ending_balance: number | null;
      currency: string;
    };
    invoice_refused: { step: string; invoice: string | null; code: string | null; param: string | null };
    /** The subject is the payment that came on top. */
    document_paid_again: { invoice: string; documents: string };
    payment_not_booked: Record<string, never>;
  }
}

/** The payment of each is parked until a person has decided, or it comes through. */
export const ABOUT_ITS_INVOICE = [
  'eligibility_unclear',
  'line_items_differ',
  'invoice_total_differs',
  'invoice_not_settled',
  'invoice_changed_by_hand',
  'customer_balance_consumed',
  'invoice_refused',
  'payment_not_booked',
] as const;

/** With which a step of the invoice stops. */
export type InvoiceQuestion =
  | 'invoice_total_differs'
  | 'invoice_not_settled'
  | 'invoice_changed_by_hand'
  | 'customer_balance_consumed'
  | 'invoice_refused';
