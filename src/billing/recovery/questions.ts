/** What is asked about failed payments. Amounts in minor units. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is the customer. */
    recovery_without_address: { customer: string; invoice: string; amount: number; currency: string };
    /** The subject is the subscription. */
    unpaid_drafts_left: { subscription: string; drafts: readonly string[]; amount: number; currency: string };
    /** The subject is the invoice of the case. */
    recovery_end_refused: { invoice: string; subscription: string; at_end: string; refusal: string };
  }
}

export type RecoveryQuestion = 'recovery_without_address' | 'unpaid_drafts_left' | 'recovery_end_refused';
