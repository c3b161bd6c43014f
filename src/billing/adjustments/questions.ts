/** What is asked about the credit note of a refund or a dispute, which is the subject. Amounts in minor units. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    adjustment_currency_differs: NoteDetails & { amount: number; found: string; expected: string };
    adjustment_not_covered: NoteDetails & { amount: number; uncovered: number; currency: string };
    adjusted_invoice_not_paid: NoteDetails & { amount: number; found: string; status: string | null };
    credit_note_refused: NoteDetails & { amount: number; currency: string; allocation: string };
    refund_failed_after_note: StandingNote;
    dispute_won_after_note: StandingNote;
    duplicate_refund_failed: { payment_intent: string; amount: number; currency: string };
  }
}

interface NoteDetails {
  invoice: string;
  payment_intent?: string;
}

interface StandingNote {
  credit_note: string;
  amount: number;
  currency: string;
  status: string;
}

export type StandingNoteQuestion = 'refund_failed_after_note' | 'dispute_won_after_note';

export type NoteQuestion =
  | 'adjustment_currency_differs'
  | 'adjustment_not_covered'
  | 'adjusted_invoice_not_paid'
  | 'credit_note_refused';
