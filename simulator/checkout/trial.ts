import type { Context } from '../core/context.ts';
import { invalidParam } from '../core/errors.ts';
import { checkTrialEnd } from '../subscriptions/create.ts';
import type { SubscriptionData } from './session-params.ts';

/** A trial in so many days is counted from the moment in which the buyer confirms. */
export interface Trial {
  readonly days: number | undefined;
  readonly end: number | undefined;
}

export function trialOf(context: Context, data: SubscriptionData | undefined): Trial | undefined {
  const { trial_end: end, trial_period_days: days } = data ?? {};
  if (end === undefined && days === undefined) return undefined;
  if (end !== undefined && days !== undefined) {
    const message = 'You may only specify one of these parameters: trial_end, trial_period_days.';
    throw invalidParam(message, 'subscription_data[trial_end]', 'parameters_exclusive');
  }
  if (end !== undefined) checkTrialEnd(context, end);
  return { days, end };
}
