import type { Subscription } from '../subscriptions/subscription.ts';

/** Why something can't be done about a subscription, and what can be done instead; pure. */
type Of = Pick<Subscription, 'id' | 'status' | 'schedule'>;

export const instead = {
  ended: ({ id, status }: Of) =>
    `Subscription ${id} is ${status}, for good: a new one begins in a checkout (POST /v1/checkouts).`,
  firstPayment: ({ id }: Of) =>
    `Subscription ${id} waits for its first payment: it begins when the customer pays its open invoice. Or cancel it now.`,
  noPeriod: ({ id, status }: Of) =>
    status === 'paused'
      ? `Subscription ${id} is paused, so no period of it ends: cancel it now, or let it go on first.`
      : `Subscription ${id} waits for its first payment, so no period of it ends: cancel it now.`,
  scheduled: ({ id, schedule }: Of) =>
    `When subscription ${id} ends is decided by its schedule ${schedule}, and Stripe lets nothing else decide it: release the schedule first (what it has planned falls away), or cancel the subscription now.`,
  scheduledPause: ({ id, schedule }: Of) =>
    `Subscription ${id} has a schedule, ${schedule}, and Stripe pauses none that has: release the schedule first, or pause the collection of its invoices alone.`,
  unpaid: ({ id }: Of) =>
    `Subscription ${id} is unpaid, and Stripe tries no more to collect, so there is nothing to pause: cancel it, or have its oldest open invoice paid.`,
  notPaid: ({ id, status }: Of) =>
    `Subscription ${id} is ${status}, and Stripe pauses only what is paid: pause the collection of its invoices, or cancel it.`,
  pausedAlready: ({ id }: Of) =>
    `Subscription ${id} is paused as a whole: no invoices are made that could be collected.`,
  collectionPaused: ({ id }: Of) =>
    `The collection of subscription ${id} is paused, and Stripe does not do both: end that first (unpause).`,
  notFlexible: ({ id }: Of) =>
    `Subscription ${id} has the billing mode classic, and Stripe pauses only flexible ones: pause the collection of its invoices instead.`,
  sentInvoices: ({ id }: Of, does: 'pauses' | 'resumes') =>
    `The invoices of subscription ${id} are sent, and Stripe ${does} only what is charged automatically: ${
      does === 'pauses'
        ? 'pause the collection of its invoices instead'
        : 'let it be charged automatically first, at Stripe'
    }.`,
  past: (until: Date) => `The pause would end in the past (${until.toISOString()}): name a later moment, or none.`,
};
