import type {
  InvoiceLine,
  Item,
  Price,
  Subscription,
  SubscriptionInvoice,
} from '../../src/billing/subscriptions/subscription.ts';

/** Records of a subscription for tests of pure rules: Pro by the month, paid for March 2026, and what a test wants to say about it. */
export const march = new Date('2026-03-01T00:00:00Z');
export const april = new Date('2026-04-01T00:00:00Z');
export const may = new Date('2026-05-01T00:00:00Z');

export function price(says: Partial<Price> = {}): Price {
  return {
    id: 'price_pro',
    product: 'prod_pro',
    lookupKey: 'pro_monthly',
    active: true,
    currency: 'eur',
    unitAmount: 3_000,
    interval: 'month',
    intervalCount: 1,
    usageType: 'licensed',
    ...says,
  };
}

export function item(says: Partial<Item> = {}): Item {
  return { id: 'si_1', price: price(), quantity: 1, periodStart: march, periodEnd: april, ...says };
}

export function subscription(says: Partial<Subscription> = {}): Subscription {
  return {
    id: 'sub_1',
    customer: 'cus_1',
    livemode: false,
    status: 'active',
    collectionMethod: 'charge_automatically',
    billingMode: 'flexible',
    currency: 'eur',
    cancelAtPeriodEnd: false,
    cancelAt: null,
    canceledAt: null,
    endedAt: null,
    cancellationReason: null,
    trialStart: null,
    trialEnd: null,
    afterTrial: 'create_invoice',
    pauseCollection: null,
    pauseResumesAt: null,
    pendingUpdateUntil: null,
    schedule: null,
    paymentMethod: 'pm_1',
    latestInvoice: 'in_1',
    testClock: null,
    metadata: {},
    email: null,
    created: march,
    items: [item()],
    ...says,
  };
}

export function line(says: Partial<InvoiceLine> = {}): InvoiceLine {
  return {
    id: 'il_1',
    item: 'si_1',
    price: 'price_pro',
    quantity: 1,
    amount: 3_000,
    proration: false,
    periodStart: march,
    periodEnd: april,
    ...says,
  };
}

export function invoice(says: Partial<SubscriptionInvoice> = {}): SubscriptionInvoice {
  return {
    id: 'in_1',
    subscription: 'sub_1',
    number: 'A-1',
    status: 'paid',
    billingReason: 'subscription_cycle',
    collectionMethod: 'charge_automatically',
    currency: 'eur',
    total: 3_000,
    amountDue: 3_000,
    amountPaid: 3_000,
    amountRemaining: 0,
    amountOffStripe: 0,
    attemptCount: 1,
    autoAdvance: true,
    nextPaymentAttempt: null,
    dueDate: null,
    hostedInvoiceUrl: null,
    created: march,
    finalizedAt: march,
    paidAt: march,
    lines: [line()],
    ...says,
  };
}
