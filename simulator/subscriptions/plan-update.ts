import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { type Bill, itemsFor } from './bill.ts';
import { type Change, planChange, type Turnover } from './change.ts';
import { checkTrialEnd } from './create.ts';
import { type SentItems, termsAfter } from './items-param.ts';
import type { updateShape } from './params.ts';
import { firstPeriodEnd, type Subscription } from './subscription.ts';
import { type Terms, termsOf } from './terms.ts';

/** The parameters of an update that have to do with money. */
export type SentChange = Partial<
  Pick<Params<typeof updateShape>, 'trial_end' | 'billing_cycle_anchor' | 'proration_behavior' | 'proration_date'>
> & { items?: SentItems | undefined };

/** A change of what is billed: what it turns over, and the invoice that is made of it at once, if one is. */
export interface PlannedUpdate {
  readonly turnover: Turnover;
  readonly bill: Bill | undefined;
}

/** The one way from parameters to lines: updates and previews both go through it. Nothing is changed. */
export function planUpdate(context: Context, subscription: Subscription, sent: SentChange): PlannedUpdate | undefined {
  const { items, trial_end: trial, billing_cycle_anchor: anchor, proration_behavior: behavior } = sent;
  const anchorNow = anchor?.type === 'now';
  const trialEnd = trialAfter(context, subscription, trial);
  if (items === undefined && trialEnd === undefined && !anchorNow) return undefined;
  const change: Change = {
    terms: items === undefined ? subscription.items.data.map(termsOf) : termsAfter(context, subscription, items),
    at: prorationDate(context, subscription, sent),
    prorates: behavior !== 'none',
    anchorNow,
    trialEnd,
  };
  return planned(context, subscription, change, behavior);
}

/** The same for a change of the items alone, from now on: what a schedule does. */
export function planTerms(
  context: Context,
  subscription: Subscription,
  terms: readonly Terms[],
  behavior: SentChange['proration_behavior'],
): PlannedUpdate {
  const prorates = behavior !== 'none';
  const change: Change = { terms, at: context.now(), prorates, anchorNow: false, trialEnd: undefined };
  return planned(context, subscription, change, behavior);
}

function planned(
  context: Context,
  subscription: Subscription,
  change: Change,
  behavior: SentChange['proration_behavior'],
): PlannedUpdate {
  const turnover = planChange(context, subscription, change);
  const invoices = turnover.restarts || (behavior === 'always_invoice' && turnover.lines.length > 0);
  return { turnover, bill: invoices ? billOf(context, subscription, turnover) : undefined };
}

function billOf(context: Context, subscription: Subscription, { lines }: Turnover): Bill {
  const now = context.now();
  const period = { start: now, end: now };
  return { reason: 'subscription_update', lines, items: itemsFor(context, subscription), period, advances: false };
}

/** Undefined where the trial stays what it is. */
function trialAfter(
  context: Context,
  { status, trial_end: before }: Subscription,
  sent: SentChange['trial_end'],
): number | null | undefined {
  if (sent === undefined) return undefined;
  if (sent === 'now') return status === 'trialing' ? null : undefined;
  if (status === 'trialing' && sent === before) return undefined;
  checkTrialEnd(context, sent);
  return sent;
}

function prorationDate(context: Context, subscription: Subscription, sent: SentChange): number {
  const { proration_date: date, billing_cycle_anchor: anchor } = sent;
  if (date === undefined) return context.now();
  if (anchor?.type === 'now') {
    throw refused('You cannot pass `proration_date` when `billing_cycle_anchor` is set to `now`.', {
      param: 'proration_date',
    });
  }
  const start = Math.max(...subscription.items.data.map(({ current_period_start: begun }) => begun));
  if (date >= start && date <= firstPeriodEnd(subscription)) return date;
  const message =
    'Cannot specify `proration_date` outside of the current billing period. Please use a date within the current period of each item.';
  throw refused(message, { param: 'proration_date' });
}
