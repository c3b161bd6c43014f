import type { Context } from '../core/context.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import type { Params } from '../core/params.ts';
import { planDiscounts } from '../invoicing/discounts.ts';
import { previewOf } from './bill.ts';
import { planExtras } from './extras.ts';
import { planFields } from './fields.ts';
import { refusalAhead } from './foresight.ts';
import type { createShape } from './params.ts';
import { collectNow, firstBill, newSubscription, type Start, start } from './start.ts';
import { methodOf, type Subscription } from './subscription.ts';
import { checkTogether, newTerms } from './terms.ts';

type Sent = Partial<Params<typeof createShape>>;

const DAY = 86_400;

/** https://docs.stripe.com/api/subscriptions/create */
export function createSubscription(account: Context, sent: Sent): Subscription {
  if (sent.customer === undefined) throw missingParam('customer');
  const customer = account.store.customer.need(sent.customer, 'customer');
  const context = account.inTimeOf(customer.id);
  const begun = planStart(context, customer, sent);
  const behavior = sent.payment_behavior ?? 'allow_incomplete';
  if (behavior !== 'default_incomplete') checkPayable(context, begun, sent);
  const { subscription, invoice } = start(context, begun);
  if (behavior !== 'default_incomplete') collectNow(context, invoice);
  return subscription;
}

/** Checks everything that a subscription is to begin with. Nothing is made of it yet. */
export function planStart(context: Context, customer: Start['customer'], sent: Sent): Start {
  const items = sent.items ?? [];
  if (items.length === 0) throw missingParam('items');
  if (sent.payment_behavior === 'pending_if_incomplete') {
    throw refused('The payment behavior `pending_if_incomplete` is for updates only.', { param: 'payment_behavior' });
  }
  const flexible = sent.billing_mode?.type !== 'classic';
  const terms = items.map((item, index) => newTerms(context, item, `items[${index}]`));
  checkTogether(terms, flexible);
  const currency = terms[0]?.price.currency ?? 'usd';
  checkCurrency(currency, sent.currency, customer.currency);
  const discounts = planDiscounts(context, sent.discounts ?? [], currency, 'discounts');
  return {
    customer,
    terms,
    trialEnd: trialEndOf(context, sent),
    mode: flexible ? 'flexible' : 'classic',
    fields: planFields(context, sent, customer.id),
    discounts: () => discounts({ customer: customer.id }),
    extras: planExtras(context, sent.add_invoice_items ?? [], customer.id, currency),
  };
}

function checkCurrency(currency: string, sent: string | undefined, ofCustomer: string | null | undefined): void {
  if (sent !== undefined && sent !== currency) {
    const message = `The price specified only supports \`${currency}\`. This doesn't match the expected currency: \`${sent}\`.`;
    throw refused(message, { param: 'items[0][price]' });
  }
  if (ofCustomer == null || ofCustomer === currency) return;
  const message = `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${ofCustomer}`;
  throw refused(message, { param: 'currency' });
}

/** The longest trial: https://docs.stripe.com/api/subscriptions/create ("at most two years from current_period_start"). */
const LONGEST_TRIAL = 730 * DAY;

function trialEndOf(context: Context, { trial_end: end, trial_period_days: days }: Sent): number | null {
  if (end !== undefined && days !== undefined) {
    const message = 'You may only specify one of these parameters: trial_end, trial_period_days.';
    throw invalidParam(message, 'trial_period_days', 'parameters_exclusive');
  }
  if (days !== undefined) return days === 0 ? null : context.now() + days * DAY;
  if (end === undefined || end === 'now') return null;
  checkTrialEnd(context, end);
  return end;
}

export function checkTrialEnd(context: Context, end: number): void {
  if (end <= context.now()) {
    throw refused('Timestamp needs to be in the future for trial_end.', { param: 'trial_end' });
  }
  if (end > context.now() + LONGEST_TRIAL + DAY) {
    throw refused('The trial_end cannot be more than two years in the future.', { param: 'trial_end' });
  }
}

/** Who is to pay at once needs something to pay with; `error_if_incomplete` makes nothing of what would stay incomplete. */
function checkPayable(context: Context, begun: Start, sent: Sent): void {
  const refusal = refusalAhead(context, methodOf(context, customerOf(begun, sent)), dueAtOnce(context, begun, sent));
  const missing = refusal?.status === 400;
  if (refusal !== undefined && (missing || sent.payment_behavior === 'error_if_incomplete')) throw refusal;
}

const customerOf = ({ customer }: Start, { default_payment_method: method }: Sent) => ({
  customer: customer.id,
  default_payment_method: method ?? null,
});

/** What the first invoice will ask for, in minor units; what is sold once with it counts as something. */
function dueAtOnce(context: Context, begun: Start, { discounts, add_invoice_items: extras }: Sent): number {
  const free = (discounts ?? []).some(({ coupon }) => context.store.coupon.get(coupon ?? '')?.percent_off === 100);
  if (free) return 0;
  const subscription = newSubscription(context, begun);
  const { amount_due: due } = previewOf(context, subscription, firstBill(context, subscription, begun), begun.customer);
  return due + (extras?.length ?? 0);
}
