/** What is asked about access. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is the payment. Amount in minor units. */
    access_without_reference: { payment_intent: string; bought: string; amount: number; currency: string };
  }
}

export type AccessQuestion = 'access_without_reference';
