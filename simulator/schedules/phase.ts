import type { Context } from '../core/context.ts';
import { missingParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { periodEnd } from '../subscriptions/calendar.ts';
import type { Period } from '../subscriptions/item.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { checkTogether, newTerms, recurringOf, type Terms, termsOf } from '../subscriptions/terms.ts';
import type { SentPhase } from './params.ts';

export type Schedule = ObjectTypes['subscription_schedule'];
export type Phase = Schedule['phases'][number];

/** A phase with the items that a subscription will have in it. */
export interface PlannedPhase {
  readonly period: Period;
  readonly terms: readonly Terms[];
  readonly prorationBehavior: 'always_invoice' | 'create_prorations' | 'none';
  readonly metadata: Phase['metadata'];
}

/** What a subscription is in now, as a phase that ends with its period. */
export function currentPhase(subscription: Subscription): PlannedPhase {
  const { data } = subscription.items;
  return {
    period: {
      start: Math.min(...data.map(({ current_period_start: start }) => start)),
      end: Math.max(...data.map(({ current_period_end: end }) => end)),
    },
    terms: data.map(termsOf),
    prorationBehavior: 'create_prorations',
    metadata: {},
  };
}

/** Checks the phases that were sent: one after the other, the first being the one that runs. */
export function planPhases(
  context: Context,
  running: PlannedPhase,
  sent: readonly SentPhase[],
  flexible: boolean,
): PlannedPhase[] {
  let start = running.period.start;
  return sent.map((phase, index) => {
    const param = `phases[${index}]`;
    const begins = phase.start_date === 'now' ? context.now() : phase.start_date;
    if (begins !== undefined && begins !== start) {
      const message =
        index === 0
          ? 'You can not modify the start date of the current phase.'
          : 'Each phase must start when the one before it ends.';
      throw refused(message, { param: `${param}[start_date]` });
    }
    if (phase.items.length === 0) throw missingParam(`${param}[items]`);
    const terms = phase.items.map((item, at) => newTerms(context, item, `${param}[items][${at}]`));
    checkTogether(terms, flexible);
    const end = endOf(context, phase, start, terms, `${param}[end_date]`);
    const planned: PlannedPhase = {
      period: { start, end },
      terms,
      prorationBehavior: phase.proration_behavior ?? 'create_prorations',
      metadata: mergeMetadata({}, phase.metadata),
    };
    start = end;
    return planned;
  });
}

/** A phase without an end lasts for one interval of its first price. */
function endOf(context: Context, phase: SentPhase, start: number, terms: readonly Terms[], param: string): number {
  const { duration, end_date: sent } = phase;
  if (duration !== undefined && sent !== undefined) {
    throw refused('You may only specify one of these parameters: duration, end_date.', { param });
  }
  const [first] = terms;
  if (first === undefined) throw missingParam(param);
  const recurring =
    duration === undefined
      ? recurringOf(first.price)
      : { interval: duration.interval, interval_count: duration.interval_count ?? 1 };
  const end = sent === 'now' ? context.now() : (sent ?? periodEnd(start, recurring, start));
  if (end > start && end >= context.now()) return end;
  throw refused('A phase must end after its start, and not in the past.', { param });
}

/** A phase as Stripe shows it. */
export function shownPhase({ period, terms, prorationBehavior, metadata }: PlannedPhase): Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency: terms[0]?.price.currency ?? 'usd',
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    end_date: period.end,
    invoice_settings: null,
    items: terms.map(({ price, quantity, metadata: own, taxRates }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: own,
      plan: price.id,
      price: price.id,
      quantity,
      tax_rates: [...taxRates],
    })),
    metadata,
    on_behalf_of: null,
    proration_behavior: prorationBehavior,
    start_date: period.start,
    transfer_data: null,
    trial_end: null,
  };
}
