/** What Stripe says of a subscription, as it is kept. Moments are Stripe's, amounts minor units. */
export const STATUSES = [
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'unpaid',
  'canceled',
  'paused',
] as const;
export type SubscriptionStatus = (typeof STATUSES)[number];

export interface Subscription {
  /** sub_… */
  readonly id: string;
  /** cus_… */
  readonly customer: string;
  readonly livemode: boolean;
  readonly status: SubscriptionStatus;
  readonly collectionMethod: CollectionMethod;
  /** `flexible` or `classic`, or what Stripe comes up with. */
  readonly billingMode: string;
  readonly currency: string;
  readonly cancelAtPeriodEnd: boolean;
  readonly cancelAt: Date | null;
  readonly canceledAt: Date | null;
  readonly endedAt: Date | null;
  /** In the word of Stripe: `payment_failed` is the end of its tries. */
  readonly cancellationReason: string | null;
  readonly trialStart: Date | null;
  readonly trialEnd: Date | null;
  /** What Stripe does at the end of the trial when there is no payment method. */
  readonly afterTrial: 'create_invoice' | 'cancel' | 'pause';
  /** `keep_as_draft`, `mark_uncollectible` or `void`; null: collection is not paused. */
  readonly pauseCollection: string | null;
  readonly pauseResumesAt: Date | null;
  /** A change waits for its payment until then. */
  readonly pendingUpdateUntil: Date | null;
  /** sub_sched_… */
  readonly schedule: string | null;
  /** pm_… that is charged: of the subscription, else of its customer. */
  readonly paymentMethod: string | null;
  readonly latestInvoice: string | null;
  readonly testClock: string | null;
  /** Of customer and subscription; the subscription overrules. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the customer. */
  readonly email: string | null;
  readonly created: Date;
  readonly items: readonly Item[];
}

export type CollectionMethod = 'charge_automatically' | 'send_invoice';

export interface Item {
  /** si_… */
  readonly id: string;
  readonly price: Price;
  /** Null for what is metered. */
  readonly quantity: number | null;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}

export interface Price {
  /** price_… */
  readonly id: string;
  /** prod_… */
  readonly product: string;
  readonly lookupKey: string | null;
  readonly active: boolean;
  readonly currency: string;
  /** Null: not a whole number, or it depends on the quantity. */
  readonly unitAmount: number | null;
  /** Null: it is paid once. */
  readonly interval: 'day' | 'week' | 'month' | 'year' | null;
  readonly intervalCount: number | null;
  readonly usageType: 'licensed' | 'metered' | null;
}

/** An invoice that Stripe made for a subscription. */
export interface SubscriptionInvoice {
  /** in_… */
  readonly id: string;
  readonly subscription: string;
  readonly number: string | null;
  readonly status: 'draft' | 'open' | 'paid' | 'void' | 'uncollectible';
  readonly billingReason: string | null;
  readonly collectionMethod: CollectionMethod;
  readonly currency: string;
  readonly total: number;
  readonly amountDue: number;
  readonly amountPaid: number;
  readonly amountRemaining: number;
  /** Paid elsewhere, as somebody said at Stripe; null: not asked. */
  readonly amountOffStripe: number | null;
  readonly attemptCount: number;
  /** Whether Stripe goes on with it by itself: a draft that does not stays one. Null: not asked. */
  readonly autoAdvance: boolean | null;
  /** Null: Stripe tries no more, or has not begun. */
  readonly nextPaymentAttempt: Date | null;
  readonly dueDate: Date | null;
  readonly hostedInvoiceUrl: string | null;
  readonly created: Date;
  readonly finalizedAt: Date | null;
  readonly paidAt: Date | null;
  readonly lines: readonly InvoiceLine[];
}

export interface InvoiceLine {
  /** il_… */
  readonly id: string;
  /** si_… */
  readonly item: string | null;
  /** price_… */
  readonly price: string | null;
  readonly quantity: number | null;
  readonly amount: number;
  readonly proration: boolean;
  readonly periodStart: Date;
  readonly periodEnd: Date;
}
