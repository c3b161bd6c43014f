import type Stripe from 'stripe';
import { Refused } from '../../platform/errors.ts';
import { isRefusal } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { NoSuchSubscription } from '../subscriptions/no-such-subscription.ts';
import { type AskedParams, type Change, paramsOf, renewalParams } from './change-params.ts';
import { collectsFor } from './collects.ts';
import { fetchLive, type Live, trialEndOf } from './live.ts';
import { type Costs, costsOf, itemChanges, linesOf, NOTHING_DUE, type Preview } from './preview.ts';
import { refusalOf } from './refusal.ts';
import { sameInterval, type Target, targetsOf } from './targets.ts';
import type { WantedChange } from './wanted-change.ts';

type QuoteDeps = Pick<Deps, 'stripe' | 'livemode' | 'policy'>;

/** What a change costs as things stand, and what Stripe is asked for it. */
export interface Quote {
  readonly preview: Preview;
  readonly update: AskedParams;
  /** Of Stripe, when it was previewed, in seconds; null: not told. */
  readonly at: number | null;
}

export async function needLive(id: string, deps: QuoteDeps): Promise<Live> {
  const live = await fetchLive(deps, id);
  if (!live) throw new NoSuchSubscription(id);
  return live;
}

/**
 * @param prorationDate of an earlier preview, in seconds; null: from now on
 * @throws Refused that says what to do instead; InvalidInput that names the field
 */
export async function quoteFor(
  live: Live,
  wanted: WantedChange,
  prorationDate: number | null,
  deps: QuoteDeps,
): Promise<Quote> {
  const { subscription, latestInvoice } = live;
  const openInvoice = latestInvoice?.status === 'open' ? (latestInvoice.number ?? latestInvoice.id) : null;
  const refusal = refusalOf({ ...live, openInvoice }, wanted.when);
  if (refusal !== undefined) throw new Refused(refusal);
  const targets = await targetsOf(wanted, subscription.items, deps);
  if (targets.length === 0) {
    throw new Refused(`Nothing would change: subscription ${subscription.id} has these plans and quantities already.`);
  }
  const change: Change = {
    subscription: subscription.id,
    targets,
    trialEnd: trialEndOf(subscription),
    prorationDate,
    collects: await collectsFor(live, targets, deps),
  };
  return wanted.when === 'now' ? quoteNow(live, change, deps) : quoteAtEnd(live, change, deps);
}

async function quoteNow({ subscription }: Live, change: Change, deps: QuoteDeps): Promise<Quote> {
  const { preview, update } = paramsOf(change);
  const invoice = await previewed(preview, subscription.currency, change.targets, deps);
  const costs = invoice === undefined ? NOTHING_DUE : costsOf(invoice, subscription.items);
  return {
    update,
    at: invoice?.created ?? null,
    preview: {
      ...shown(costs, subscription.currency, change.targets, deps),
      takesEffect: costs.dueNow > 0 ? 'when_paid' : 'at_once',
      takesEffectAt: null,
      renewal: null,
    },
  };
}

async function quoteAtEnd({ subscription }: Live, change: Change, deps: QuoteDeps): Promise<Quote> {
  const { currency, items } = subscription;
  const invoice = await previewed(renewalParams(change.subscription, change.targets), currency, change.targets, deps);
  return {
    update: { items: paramsOf(change).update.items, ...(restarts(change.targets) ? { restarts: true } : {}) },
    at: null,
    preview: {
      ...shown(NOTHING_DUE, currency, change.targets, deps),
      takesEffect: 'period_end',
      takesEffectAt: items[0]?.periodEnd ?? null,
      renewal: invoice === undefined ? null : { total: invoice.total, lines: linesOf(invoice) },
    },
  };
}

/** At another interval Stripe would go on counting from the old beginning, and charge nothing for the new period. */
function restarts(targets: readonly Target[]): boolean {
  return targets.some((target) => target.kind === 'changed' && !sameInterval(target.price, target.item.price));
}

function shown(costs: Costs, currency: string, targets: readonly Target[], { policy }: Pick<Deps, 'policy'>) {
  return { ...costs, currency, items: itemChanges(targets, policy.access) };
}

/** @returns undefined where Stripe has no invoice to show: nothing is due, and nothing comes after */
async function previewed(
  params: Stripe.InvoiceCreatePreviewParams,
  currency: string,
  targets: readonly Target[],
  { stripe }: Pick<Deps, 'stripe'>,
): Promise<Stripe.Invoice | undefined> {
  try {
    return await stripe.invoices.createPreview(params);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    if (error.code === 'invoice_upcoming_none') return undefined;
    const foreign = targets.flatMap((target) => (target.kind === 'removed' ? [] : [target.price]));
    const other = foreign.find((price) => price.currency !== currency);
    if (!other) throw error;
    throw new Refused(
      `Price ${other.lookupKey ?? other.id} is in ${other.currency}, and a subscription keeps its currency, ${currency}: use a price in it. Else cancel the subscription, and begin a new one in a checkout for a customer who has no other in ${currency}.`,
    );
  }
}
