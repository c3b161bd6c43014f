import type { Context, Reactions } from '../core/context.ts';
import { missingParam, refused } from '../core/errors.ts';
import { paginate } from '../core/lists.ts';
import { type Params, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata } from '../core/shared-params.ts';
import { cancelNow } from '../subscriptions/cancel-now.ts';
import { hasEnded, needSubscription, type Subscription } from '../subscriptions/subscription.ts';
import { cancelShape, createShape, releaseShape, updateShape } from './params.ts';
import { currentPhase, type PlannedPhase, planPhases, type Schedule } from './phase.ts';
import { follow, followEnd, phasesOf, release, setPhases } from './run.ts';

function create(account: Context, params: Params<typeof createShape>): Schedule {
  if (params.from_subscription === undefined) throw missingParam('from_subscription');
  const [context, subscription] = needSubscription(account, params.from_subscription, 'from_subscription');
  const other = (['end_behavior', 'phases'] as const).find((name) => params[name] !== undefined);
  if (other !== undefined) {
    throw refused(`You cannot set \`${other}\` if \`from_subscription\` is set.`, { param: other });
  }
  if (subscription.schedule !== null) {
    const message = `You cannot migrate a subscription that is already attached to a schedule: \`${subscription.schedule}\`.`;
    throw refused(message, { param: 'from_subscription' });
  }
  if (hasEnded(subscription) || subscription.status === 'incomplete' || subscription.status === 'paused') {
    throw refused(`You cannot migrate a subscription that is in the \`${subscription.status}\` status.`, {
      param: 'from_subscription',
    });
  }
  const schedule = newSchedule(context, subscription);
  schedule.metadata = mergeMetadata({}, params.metadata);
  setPhases(context, schedule, subscription, [currentPhase(subscription)]);
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.schedule = schedule.id;
  });
  context.emit('subscription_schedule.created', schedule);
  return schedule;
}

function newSchedule(context: Context, subscription: Subscription): Schedule {
  return context.store.subscription_schedule.add({
    id: context.id('sub_sched_'),
    object: 'subscription_schedule',
    application: null,
    billing_mode: subscription.billing_mode,
    canceled_at: null,
    completed_at: null,
    created: context.now(),
    current_phase: null,
    customer: subscription.customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      billing_cycle_anchor: 'automatic',
      billing_thresholds: null,
      collection_method: 'charge_automatically',
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: 'self' },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: subscription.cancel_at === null ? 'release' : 'cancel',
    livemode: context.livemode,
    metadata: {},
    pause_schedules: [],
    phases: [],
    released_at: null,
    released_subscription: null,
    status: 'active',
    subscription: subscription.id,
    test_clock: subscription.test_clock,
  });
}

/** The schedule with its subscription, in the time of their customer: only an active one can be changed. */
function needActive(account: Context, id: string): [Context, Schedule, Subscription] {
  const schedule = account.store.subscription_schedule.need(id);
  if (schedule.status !== 'active' || schedule.subscription === null) {
    throw refused(`You cannot change a subscription schedule that is in the \`${schedule.status}\` status.`);
  }
  const [context, subscription] = needSubscription(account, schedule.subscription);
  return [context, schedule, subscription];
}

function update(
  context: Context,
  schedule: Schedule,
  subscription: Subscription,
  sent: Params<typeof updateShape>,
): Schedule {
  const running = runningPhase(schedule);
  const flexible = subscription.billing_mode.type === 'flexible';
  const phases = sent.phases === undefined ? undefined : planPhases(context, running, sent.phases, flexible);
  context.change(schedule, 'subscription_schedule.updated', () => {
    schedule.end_behavior = sent.end_behavior ?? schedule.end_behavior;
    schedule.metadata = mergeMetadata(schedule.metadata, sent.metadata);
    if (phases === undefined) followEnd(context, schedule, subscription);
    else setPhases(context, schedule, subscription, phases);
  });
  const [first] = phases ?? [];
  if (first !== undefined) follow(context, subscription, first, sent.proration_behavior ?? 'create_prorations');
  return schedule;
}

function runningPhase(schedule: Schedule): PlannedPhase {
  const running = phasesOf(schedule).find(({ period }) => period.start === schedule.current_phase?.start_date);
  if (running === undefined) throw new Error(`Bug: no phase of ${schedule.id} runs`);
  return running;
}

/** A subscription that ends takes its schedule with it. */
const reactions: Reactions = {
  'customer.subscription.deleted'(context, { id, ended_at: ended }) {
    const [schedule] = context.store.subscription_schedule.newestFirst(
      (one) => one.subscription === id && one.status === 'active',
    );
    if (schedule === undefined) return;
    const asPlanned = schedule.end_behavior === 'cancel' && phasesOf(schedule).at(-1)?.period.end === ended;
    schedule.current_phase = null;
    schedule.status = asPlanned ? 'completed' : 'canceled';
    if (asPlanned) schedule.completed_at = ended;
    else schedule.canceled_at = ended;
    context.emit(asPlanned ? 'subscription_schedule.completed' : 'subscription_schedule.canceled', schedule);
  },
};

/** https://docs.stripe.com/api/subscription_schedules */
export const subscriptionSchedules: Resource = {
  expansions: {
    subscription_schedule: {
      customer: 'id',
      'phases.items.price': 'id',
      released_subscription: 'id',
      subscription: 'id',
      test_clock: 'id',
    },
  },
  reactions,
  routes: [
    route('POST', '/v1/subscription_schedules', createShape, create),
    route('GET', '/v1/subscription_schedules/{id}', {}, (context, _params, { id }) =>
      context.store.subscription_schedule.need(id),
    ),
    route('POST', '/v1/subscription_schedules/{id}', updateShape, (context, params, { id }) =>
      update(...needActive(context, id), params),
    ),
    route('POST', '/v1/subscription_schedules/{id}/release', releaseShape, (context, params, { id }) =>
      release(...needActive(context, id), params.preserve_cancel_date),
    ),
    route('POST', '/v1/subscription_schedules/{id}/cancel', cancelShape, (account, params, { id }) => {
      const [context, schedule, subscription] = needActive(account, id);
      cancelNow(context, subscription, { ...params, cancellation_details: undefined });
      return schedule;
    }),
    route(
      'GET',
      '/v1/subscription_schedules',
      {
        ...listParams,
        ...createdParam,
        canceled_at: unsimulated(),
        completed_at: unsimulated(),
        customer: string(),
        customer_account: unsimulated(),
        released_at: unsimulated(),
        scheduled: unsimulated(),
      },
      (context, params) => {
        const { customer, created } = params;
        const found = context.store.subscription_schedule.newestFirst(
          (one) =>
            (customer === undefined || one.customer === customer) &&
            (created === undefined || inRange(one.created, created)),
        );
        return paginate(found, params, '/v1/subscription_schedules');
      },
    ),
  ],
};
