import { keepPrice } from '../catalog/price.ts';
import type { Context } from '../core/context.ts';
import { HiddenField } from '../core/hidden-field.ts';
import { attemptByItself } from '../invoicing/collect.ts';
import { finalize } from '../invoicing/finalize.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { planEnd } from '../subscriptions/cancel.ts';
import { planTerms } from '../subscriptions/plan-update.ts';
import { planPhase } from '../subscriptions/schedule.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import type { Terms } from '../subscriptions/terms.ts';
import { carryOut } from '../subscriptions/update.ts';
import { type PlannedPhase, type Schedule, shownPhase } from './phase.ts';

const plans = new HiddenField<Schedule, readonly PlannedPhase[]>('plans');

export const phasesOf = (schedule: Schedule): readonly PlannedPhase[] => plans.get(schedule) ?? [];

/** The phases of a schedule from now on. Changes the schedule; what it changes of the subscription is told. */
export function setPhases(
  context: Context,
  schedule: Schedule,
  subscription: Subscription,
  phases: readonly PlannedPhase[],
): void {
  for (const { price } of phases.flatMap(({ terms }) => terms)) keepPrice(context, price);
  plans.set(schedule, phases);
  schedule.phases = phases.map(shownPhase);
  const [running] = phases;
  if (running === undefined) return;
  schedule.current_phase = { start_date: running.period.start, end_date: running.period.end };
  followEnd(context, schedule, subscription);
  planNext(context, schedule, subscription);
}

/** A schedule that ends its subscription shows when. */
export function followEnd(context: Context, schedule: Schedule, subscription: Subscription): void {
  const end = schedule.end_behavior === 'cancel' ? (phasesOf(schedule).at(-1)?.period.end ?? null) : null;
  if (subscription.cancel_at === end) return;
  context.change(subscription, 'customer.subscription.updated', () => planEnd(context, subscription, end, false));
}

function planNext(context: Context, schedule: Schedule, subscription: Subscription): void {
  const at = schedule.current_phase?.end_date;
  if (at === undefined) return;
  planPhase(context, subscription, { at, act: (later) => nextPhase(later, schedule, subscription) });
}

/** A phase is over: the next one begins, or the subscription is left to itself. */
function nextPhase(context: Context, schedule: Schedule, subscription: Subscription): void {
  planPhase(context, subscription, undefined);
  const over = schedule.current_phase?.end_date;
  const next = phasesOf(schedule).find(({ period }) => period.start === over);
  if (next === undefined) {
    // With end_behavior=cancel the subscription's own date ends both.
    if (schedule.end_behavior === 'release') release(context, schedule, subscription);
    return;
  }
  context.change(schedule, 'subscription_schedule.updated', () => {
    schedule.current_phase = { start_date: next.period.start, end_date: next.period.end };
  });
  follow(context, subscription, next, next.prorationBehavior);
  planNext(context, schedule, subscription);
}

/** Makes the subscription what a phase says. At the end of a period there is nothing to prorate. */
export function follow(
  context: Context,
  subscription: Subscription,
  { terms }: PlannedPhase,
  behavior: PlannedPhase['prorationBehavior'],
): void {
  const { data } = subscription.items;
  const after = terms.map((one, index): Terms => ({ ...one, id: data[index]?.id ?? one.id }));
  if (isSame(after, subscription)) return;
  const atBoundary = data.every(({ current_period_end: end }) => end <= context.now());
  const prorates = behavior === 'none' || atBoundary ? 'none' : behavior;
  let invoice: Invoice | undefined;
  context.change(subscription, 'customer.subscription.updated', () => {
    invoice = carryOut(context, subscription, planTerms(context, subscription, after, prorates));
  });
  if (invoice === undefined) return;
  finalize(context, invoice, true);
  if (invoice.status === 'open') attemptByItself(context, invoice);
}

const isSame = (terms: readonly Terms[], { items }: Subscription): boolean =>
  terms.length === items.data.length &&
  terms.every((one, index) => {
    const item = items.data[index];
    return item?.price.id === one.price.id && item.quantity === one.quantity;
  });

/** The subscription goes on as it is, without the schedule, and without an end that the schedule has set. */
export function release(context: Context, schedule: Schedule, subscription: Subscription, keepsEnd = false): Schedule {
  planPhase(context, subscription, undefined);
  schedule.status = 'released';
  schedule.released_at = context.now();
  schedule.released_subscription = subscription.id;
  schedule.subscription = null;
  schedule.current_phase = null;
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.schedule = null;
    if (!keepsEnd && schedule.end_behavior === 'cancel') planEnd(context, subscription, null, false);
  });
  context.emit('subscription_schedule.released', schedule);
  return schedule;
}
