import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { planDiscounts } from '../invoicing/discounts.ts';
import { finalize } from '../invoicing/finalize.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { draftOf, noteDebits, previewOf } from './bill.ts';
import { endsWithoutCard } from './cycle.ts';
import { ownDiscount } from './discounts.ts';
import { planExtras } from './extras.ts';
import { planFields } from './fields.ts';
import { refusalAhead } from './foresight.ts';
import type { SentItems } from './items-param.ts';
import type { updateShape } from './params.ts';
import { checkPending, dropPending, putOff } from './pending-update.ts';
import { type PlannedUpdate, planUpdate } from './plan-update.ts';
import { collectNow } from './start.ts';
import { methodOf, type Subscription } from './subscription.ts';
import { letWait } from './waiting.ts';

export type SentUpdate = Partial<Omit<Params<typeof updateShape>, 'items'>> & { items?: SentItems | undefined };

/** https://docs.stripe.com/api/subscriptions/update */
export function updateSubscription(context: Context, subscription: Subscription, sent: SentUpdate): Subscription {
  checkUpdatable(subscription, sent);
  const behavior = sent.payment_behavior ?? 'allow_incomplete';
  if (behavior === 'pending_if_incomplete') checkPending(context, subscription, sent);
  const fields = planFields(context, sent, subscription.customer, subscription);
  const { customer, currency } = subscription;
  const redeem =
    sent.discounts === undefined ? undefined : planDiscounts(context, sent.discounts ?? [], currency, 'discounts');
  const extras = planExtras(context, sent.add_invoice_items ?? [], customer, currency);
  const planned = planUpdate(context, subscription, sent);
  if (planned?.bill !== undefined && (behavior === 'error_if_incomplete' || behavior === 'pending_if_incomplete')) {
    const refusal = refusalAhead(context, methodOf(context, subscription), dueFor(context, subscription, planned));
    if (refusal !== undefined && behavior === 'error_if_incomplete') throw refusal;
    if (refusal !== undefined) {
      putOff(context, subscription, planned, sent);
      return subscription;
    }
  }
  if (sent.trial_end === 'now' && subscription.status === 'trialing') {
    context.emit('customer.subscription.trial_will_end', subscription);
    if (endsWithoutCard(context, subscription)) return subscription;
  }
  if (planned !== undefined) dropPending(context, subscription);
  let invoice: Invoice | undefined;
  context.change(subscription, 'customer.subscription.updated', () => {
    if (redeem !== undefined) {
      subscription.discounts = redeem({ customer }).map((id) => ownDiscount(context, subscription, id));
    }
    extras(subscription);
    invoice = planned === undefined ? undefined : carryOut(context, subscription, planned);
    fields(subscription);
  });
  if (invoice !== undefined) collect(context, subscription, invoice, behavior === 'default_incomplete');
  return subscription;
}

/** What the invoice of a change will ask for, in minor units. */
function dueFor(context: Context, subscription: Subscription, { bill }: PlannedUpdate): number {
  if (bill === undefined) return 0;
  const customer = context.store.customer.need(subscription.customer);
  return previewOf(context, subscription, bill, customer).amount_due;
}

/** Makes the change. Its lines are on an invoice now, or wait for the next one. */
export function carryOut(context: Context, subscription: Subscription, planned: PlannedUpdate): Invoice | undefined {
  const { turnover, bill } = planned;
  turnover.apply(context, subscription);
  if (bill === undefined) {
    letWait(context, subscription, turnover.lines);
    return undefined;
  }
  const invoice = draftOf(context, subscription, bill);
  noteDebits(context, invoice);
  return invoice;
}

/** The invoice of a change is collected at once, or waits for its payment to be confirmed. */
function collect(context: Context, subscription: Subscription, invoice: Invoice, waits: boolean): void {
  finalize(context, invoice, !waits);
  if (!waits) collectNow(context, invoice);
  else if (invoice.status === 'open' && subscription.status === 'active') {
    context.change(subscription, 'customer.subscription.updated', () => {
      subscription.status = 'past_due';
    });
  }
}

/** What only says something about a subscription can be said of one that is over. */
const SAID_FOR_EVER = new Set(['metadata', 'cancellation_details']);

/** What cannot be changed before the first payment, nor while a subscription is paused (best knowledge). */
const NEEDS_PAYMENT = ['items', 'trial_end', 'billing_cycle_anchor', 'add_invoice_items'] as const;

/** What a schedule decides alone. */
const SCHEDULED = ['items', 'cancel_at', 'cancel_at_period_end', 'trial_end'] as const;

function checkUpdatable(subscription: Subscription, sent: SentUpdate): void {
  const { status, schedule } = subscription;
  const named = Object.entries(sent).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (status === 'canceled' || status === 'incomplete_expired') {
    const frozen = named.find((name) => !SAID_FOR_EVER.has(name));
    if (frozen === undefined) return;
    throw refused('A canceled subscription can only update its cancellation_details and metadata.', { param: frozen });
  }
  const early = NEEDS_PAYMENT.find((name) => sent[name] !== undefined);
  if ((status === 'incomplete' || status === 'paused') && early !== undefined) {
    const first = status === 'paused' ? 'it must be resumed first' : 'its first invoice must be paid first';
    throw refused(`A subscription that is ${status} cannot change its ${early}: ${first}.`, { param: early });
  }
  const taken = SCHEDULED.find((name) => sent[name] !== undefined);
  if (schedule !== null && taken !== undefined) {
    const message = `The subscription is managed by the subscription schedule \`${schedule}\`, and updating ${taken} directly is not allowed. Please update the schedule instead.`;
    throw refused(message, { param: taken });
  }
}
