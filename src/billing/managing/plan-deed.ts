import { plannedEnd } from '../subscriptions/standing.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import type { Deed, Done, PausedInvoices, Step } from './deed.ts';
import { instead } from './instead.ts';
import type { OpenInvoice } from './waits-for.ts';

/** What a deed comes to, as a subscription stands now; pure. Console, `/v1` and command line offer and refuse by this alone. */
export type Plan =
  /** In this order. */
  | { readonly plan: 'do'; readonly steps: readonly Step[] }
  | { readonly plan: 'done'; readonly done: Done }
  | { readonly plan: 'refused'; readonly why: string };

export interface Looked {
  readonly subscription: Subscription;
  /** Whose payment its going on waits for: `waitsFor`. */
  readonly openInvoice: OpenInvoice | undefined;
}

export function planDeed(deed: Deed, looked: Looked, now: Date): Plan {
  switch (deed.deed) {
    case 'cancel':
      return deed.when === 'now' ? endNow(looked, deed.invoiceNow) : endWithPeriod(looked);
    case 'resume':
      return goOn(looked);
    case 'pause':
      return deed.what === 'subscription' ? pauseIt(looked) : pauseCollection(looked, deed, now);
    case 'unpause':
      return endPause(looked);
  }
}

function endNow({ subscription }: Looked, invoiceNow: boolean): Plan {
  return hasEnded(subscription) ? done({ is: 'ended' }) : steps({ step: 'cancel_now', invoiceNow });
}

function endWithPeriod({ subscription }: Looked): Plan {
  const { status, schedule, items } = subscription;
  if (hasEnded(subscription)) return done({ is: 'ended' });
  if (status === 'incomplete' || status === 'paused') return refused(instead.noPeriod(subscription));
  const planned = plannedEnd(subscription);
  const ends = items.map(({ periodEnd }) => periodEnd.getTime());
  if (planned && planned.getTime() <= Math.max(...ends)) return done({ is: 'ends', at: planned });
  if (schedule !== null) return refused(instead.scheduled(subscription));
  // With several intervals Stripe's own word means the first of their ends, which would take what is paid beyond it.
  return steps({ step: new Set(ends).size > 1 ? 'end_with_longest_period' : 'end_with_period' });
}

/** What stands in the way of its going on is taken away: a planned end, and that it is paused. */
function goOn(looked: Looked): Plan {
  const { subscription } = looked;
  const { cancelAtPeriodEnd, schedule } = subscription;
  if (hasEnded(subscription)) return refused(instead.ended(subscription));
  const more = endWholePause(looked);
  if (plannedEnd(subscription) === null || more.plan === 'refused') return more;
  if (schedule !== null) return refused(instead.scheduled(subscription));
  const takeBack: Step = { step: 'take_back_end', field: cancelAtPeriodEnd ? 'cancel_at_period_end' : 'cancel_at' };
  return more.plan === 'do' ? { plan: 'do', steps: [takeBack, ...more.steps] } : steps(takeBack);
}

function endPause(looked: Looked): Plan {
  const { subscription } = looked;
  if (hasEnded(subscription)) return refused(instead.ended(subscription));
  return subscription.pauseCollection === null ? endWholePause(looked) : steps({ step: 'collect_again' });
}

/** Resuming makes an invoice, and the subscription goes on when that is paid: no other one is made beside it. */
function endWholePause({ subscription, openInvoice }: Looked): Plan {
  const { status, collectionMethod } = subscription;
  if (status === 'incomplete') return refused(instead.firstPayment(subscription));
  if (status !== 'paused' && status !== 'unpaid') return done({ is: 'goes_on' });
  if (openInvoice) return done({ is: 'waits_for_payment', invoice: openInvoice.id, url: openInvoice.url });
  if (status === 'unpaid') return done({ is: 'goes_on' });
  if (collectionMethod === 'send_invoice') return refused(instead.sentInvoices(subscription, 'resumes'));
  return steps({ step: 'resume_it' });
}

function pauseCollection(
  { subscription }: Looked,
  { invoices, until }: { readonly invoices: PausedInvoices; readonly until: Date | null },
  now: Date,
): Plan {
  const { status, pauseCollection: paused, pauseResumesAt, testClock } = subscription;
  switch (status) {
    case 'incomplete_expired':
    case 'canceled':
      return refused(instead.ended(subscription));
    case 'incomplete':
      return refused(instead.firstPayment(subscription));
    case 'paused':
      return refused(instead.pausedAlready(subscription));
    case 'unpaid':
      return refused(instead.unpaid(subscription));
    case 'trialing':
    case 'active':
    case 'past_due':
      break;
  }
  if (paused === invoices && seconds(pauseResumesAt) === seconds(until))
    return done({ is: 'collection_paused', until });
  // A test clock has a time of its own, which Stripe compares with.
  if (until && testClock === null && until <= now) return refused(instead.past(until));
  return steps({ step: 'pause_collection', invoices, until });
}

function pauseIt({ subscription }: Looked): Plan {
  const { status, billingMode, schedule, collectionMethod, pauseCollection: collectionPaused } = subscription;
  switch (status) {
    case 'incomplete_expired':
    case 'canceled':
      return refused(instead.ended(subscription));
    case 'incomplete':
      return refused(instead.firstPayment(subscription));
    case 'paused':
      return done({ is: 'paused' });
    case 'past_due':
    case 'unpaid':
      return refused(instead.notPaid(subscription));
    case 'trialing':
    case 'active':
      break;
  }
  if (billingMode !== 'flexible') return refused(instead.notFlexible(subscription));
  if (schedule !== null) return refused(instead.scheduledPause(subscription));
  if (collectionMethod === 'send_invoice') return refused(instead.sentInvoices(subscription, 'pauses'));
  if (collectionPaused !== null) return refused(instead.collectionPaused(subscription));
  return steps({ step: 'pause_it' });
}

function hasEnded({ status }: Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired';
}

/** Stripe knows no parts of them. */
function seconds(moment: Date | null): number | null {
  return moment === null ? null : Math.floor(moment.getTime() / 1000);
}

function steps(step: Step): Plan {
  return { plan: 'do', steps: [step] };
}

function done(how: Done): Plan {
  return { plan: 'done', done: how };
}

function refused(why: string): Plan {
  return { plan: 'refused', why };
}
