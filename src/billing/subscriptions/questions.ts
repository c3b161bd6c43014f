/** What is asked about subscriptions and their money. */
declare module '../desk/questions.ts' {
  interface QuestionDetails {
    /** The subject is the subscription that began later. */
    second_subscription: { subscription: string; other: string; product: string };
    /** The subject is the invoice. Amount in minor units. */
    payment_after_end: { invoice: string; subscription: string; amount: number; currency: string };
  }
}

export type SubscriptionQuestion = 'second_subscription' | 'payment_after_end';
