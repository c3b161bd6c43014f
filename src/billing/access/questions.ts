/** What is asked about access. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is the payment. Amount in minor units. */
    access_without_reference: { payment_intent: string; bought: string; amount: number; currency: string };
    /** The subject is the subscription. */
    subscription_without_reference: { subscription: string; bought: string };
    price_without_plan: { subscription: string; price: string; product: string };
  }
}

export type AccessQuestion = 'access_without_reference' | 'subscription_without_reference' | 'price_without_plan';
