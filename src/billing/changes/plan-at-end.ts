import type Stripe from 'stripe';
import { fromUnix } from '../../platform/clock.ts';
import type { Deps } from '../deps/deps.ts';
import { type ChangeRow, type Made, noteSchedule } from './changes.ts';
import type { Live } from './live.ts';
import { phasesWith } from './phases.ts';

/**
 * A change at the end of the period, as a schedule of Stripe: one that is made from the subscription as it is, and is then given the
 * phase that comes. It lets the subscription go a day after that has begun.
 */
export async function planAtEnd(
  { id, subscription, schedule: known, params, key_version: version }: ChangeRow,
  { db, stripe }: Pick<Deps, 'db' | 'stripe'>,
): Promise<Made> {
  const schedules = stripe.subscriptionSchedules;
  const schedule =
    known === null
      ? await schedules.create({ from_subscription: subscription }, { idempotencyKey: `change:${id}:${version}` })
      : await schedules.retrieve(known);
  if (known === null) await noteSchedule(db, id, schedule.id);
  const planned = plannedStart(schedule);
  if (planned !== undefined) return scheduledFor(planned);
  const { items } = await stripe.subscriptions.retrieve(subscription);
  const prices = new Map(items.data.map((item) => [item.id, item.price.id]));
  const { phases, end } = phasesWith(schedule, prices, params);
  await schedules.update(schedule.id, { end_behavior: 'release', proration_behavior: 'none', phases });
  return scheduledFor(end);
}

/** What was planned in part is taken back; what was planned whole, stays. @returns undefined when it is not planned */
export async function dropPlan(
  { schedule: known }: Pick<ChangeRow, 'schedule'>,
  { subscription }: Pick<Live, 'subscription'>,
  { stripe }: Pick<Deps, 'stripe'>,
): Promise<Made | undefined> {
  if (known === null || subscription.schedule !== known) return undefined;
  const planned = plannedStart(await stripe.subscriptionSchedules.retrieve(known));
  if (planned !== undefined) return scheduledFor(planned);
  await stripe.subscriptionSchedules.release(known);
  return undefined;
}

/** In seconds; undefined: it has the phase alone that it was made with. */
function plannedStart({ phases }: Stripe.SubscriptionSchedule): number | undefined {
  return phases.length > 1 ? phases.at(-1)?.start_date : undefined;
}

function scheduledFor(start: number): Made {
  return {
    outcome: 'scheduled',
    invoice: null,
    chargedDue: 0,
    chargedTotal: 0,
    payUrl: null,
    effectAt: fromUnix(start),
  };
}
