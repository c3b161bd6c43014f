/** What is asked about own invoices and the payments that name them. Amounts in minor units. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is the payment, or the session where there is none. */
    payment_mismatch: {
      invoice: string;
      check: string;
      expected: unknown;
      found: unknown;
      currency: string;
      session?: string;
      amount?: number;
    };
    /** The subject is the payment that came on top. */
    double_payment: { invoice: string; amount: number; currency: string };
    /** The subject is the session. */
    foreign_session: {
      invoice: string;
      expected: number;
      found: number | null;
      currency: string;
      found_currency: string | null;
    };
  }
}

export type OwnInvoiceQuestion = 'payment_mismatch' | 'double_payment' | 'foreign_session';
