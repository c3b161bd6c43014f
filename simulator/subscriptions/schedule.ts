import type { Context } from '../core/context.ts';
import { HiddenField } from '../core/hidden-field.ts';
import { endAsPlanned } from './cancel.ts';
import { beginPeriods } from './cycle.ts';
import { dropPending } from './pending-update.ts';
import { upcomingInvoice } from './preview.ts';
import { dropResumption, resumptionEnds } from './resume.ts';
import { expire } from './state.ts';
import { firstPeriodEnd, hasEnded, type Subscription } from './subscription.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** How long the first payment may take: https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses */
const INCOMPLETE = 23 * HOUR;

/** "Occurs three days before a subscription's trial period is scheduled to end, or when a trial is ended immediately." */
const TRIAL_NOTICE = 3 * DAY;

/** What time alone does to a subscription. Seconds. */
export interface Deed {
  readonly at: number;
  readonly act: (context: Context, subscription: Subscription) => void;
}

/** What a subscription schedule has planned for a subscription: it comes before what else happens at the same moment. */
const phases = new HiddenField<Subscription, Deed>('phases');

/** Plans the next phase, or none. */
export function planPhase(context: Context, subscription: Subscription, deed: Deed | undefined): void {
  if (deed === undefined) phases.delete(subscription);
  else phases.set(subscription, deed);
  replan(context, subscription);
}

const wakes = new HiddenField<Subscription, () => void>('wakes');
const renewalsTold = new HiddenField<Subscription, number>('renewalsTold');
const trialsTold = new HiddenField<Subscription, number>('trialsTold');

/** Waits for what comes next. To be called after each change: what was waited for before is forgotten. */
export function replan(context: Context, subscription: Subscription): void {
  wakes.get(subscription)?.();
  wakes.delete(subscription);
  const next = deedsOf(context, subscription).reduce<Deed | undefined>(
    (first, deed) => (first !== undefined && first.at <= deed.at ? first : deed),
    undefined,
  );
  if (next === undefined) return;
  const callOff = context.later(Math.max(0, next.at - context.now()) * 1000, (later) => {
    wakes.delete(subscription);
    next.act(later, subscription);
    replan(later, subscription);
  });
  wakes.set(subscription, callOff);
}

/** Of those for the same moment the first comes first. */
function deedsOf(context: Context, subscription: Subscription): Deed[] {
  const { status, created, cancel_at: cancelAt, trial_end: trialEnd, pause_collection: pause } = subscription;
  if (hasEnded(subscription)) return [];
  if (status === 'incomplete') return [{ at: created + INCOMPLETE, act: expire }];
  const phase = phases.get(subscription);
  const deeds: Deed[] = phase === undefined ? [] : [phase];
  const waits = subscription.pending_update?.expires_at;
  if (waits !== undefined) deeds.push({ at: waits, act: dropPending });
  if (cancelAt !== null) deeds.push({ at: cancelAt, act: endAsPlanned });
  const resumes = resumptionEnds(subscription);
  if (resumes !== undefined) deeds.push({ at: resumes, act: dropResumption });
  if (status === 'paused') return deeds;
  if (pause?.resumes_at != null) deeds.push({ at: pause.resumes_at, act: collectAgain });
  if (status === 'trialing' && trialEnd !== null && trialsTold.get(subscription) !== trialEnd) {
    deeds.push({ at: trialEnd - TRIAL_NOTICE, act: tellTrialEnd });
  }
  const renews = firstPeriodEnd(subscription);
  const { upcomingDays: days } = context.account.settings;
  const goesOn = status !== 'unpaid' && (cancelAt === null || cancelAt > renews);
  if (days > 0 && goesOn && renewalsTold.get(subscription) !== renews) {
    deeds.push({ at: renews - days * DAY, act: tellRenewal });
  }
  deeds.push({ at: renews, act: beginPeriods });
  return deeds;
}

/** The notice has no invoice behind it yet: it shows what the renewal would be. */
function tellRenewal(context: Context, subscription: Subscription): void {
  renewalsTold.set(subscription, firstPeriodEnd(subscription));
  const invoice = upcomingInvoice(context, subscription);
  if (invoice !== undefined) context.emit('invoice.upcoming', invoice);
}

function tellTrialEnd(context: Context, subscription: Subscription): void {
  trialsTold.set(subscription, subscription.trial_end ?? 0);
  context.emit('customer.subscription.trial_will_end', subscription);
}

function collectAgain(context: Context, subscription: Subscription): void {
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.pause_collection = null;
  });
}
