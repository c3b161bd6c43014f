import type { Context } from '../core/context.ts';
import { StripeError } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { openDefaultIntent } from '../invoicing/invoice-payment.ts';
import { planItem } from '../invoicing/item.ts';
import { confirmIntent } from '../payments/attempt.ts';
import type { Failure } from '../payments/charge.ts';
import { attach } from '../payments/payment-method.ts';
import { start } from '../subscriptions/start.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import type { Terms } from '../subscriptions/terms.ts';
import { type Begun, type PlannedLine, type PlannedSubscription, planOf } from './plan.ts';

type Session = ObjectTypes['checkout.session'];
type PaymentMethod = ObjectTypes['payment_method'];

const DAY = 86_400;

/** What came of an attempt; `paymentStatus` is what the session ends with. */
export type Subscribed =
  | { kind: 'subscribed'; paymentStatus: Session['payment_status'] }
  | { kind: 'declined'; failure: Failure }
  | { kind: 'authenticate'; url: string };

/**
 * The buyer subscribes. The first attempt makes the subscription, incomplete until its invoice is paid; later attempts pay the
 * same invoice. The session's metadata stays with the session.
 */
export function subscribe(
  account: Context,
  session: Session,
  planned: PlannedSubscription,
  method: PaymentMethod,
): Subscribed {
  const context = account.inTimeOf(session.customer);
  const plan = planOf(session);
  const customer = context.store.customer.need(session.customer ?? '');
  // Who has nothing to pay is asked for a card all the same, unless the session wants one only if it is required.
  const asksForCard = session.amount_total !== 0 || session.payment_method_collection === 'always';
  if (plan.begun === undefined && session.amount_total === 0 && asksForCard) {
    const failure = save(context, method, customer.id);
    if (failure !== undefined) return { kind: 'declined', failure };
  }
  plan.begun ??= begin(context, session, planned, customer);
  const { begun } = plan;
  const invoice = context.store.invoice.need(begun.invoice);
  const intent = openDefaultIntent(context, invoice);
  if (intent === undefined) {
    if (asksForCard) keepMethod(context, begun, method);
    return { kind: 'subscribed', paymentStatus: session.amount_total === 0 ? 'no_payment_required' : 'paid' };
  }
  intent.setup_future_usage = 'off_session';
  const failure = confirmIntent(context, intent, method, { returnUrl: session.success_url ?? undefined });
  if (failure !== undefined) return { kind: 'declined', failure };
  if (intent.status === 'requires_action') {
    return { kind: 'authenticate', url: intent.next_action?.redirect_to_url?.url ?? '' };
  }
  keepMethod(context, begun, method);
  return { kind: 'subscribed', paymentStatus: isPaid(intent) ? 'paid' : 'unpaid' };
}

const isPaid = ({ status }: ObjectTypes['payment_intent']): boolean => status === 'succeeded';

function begin(
  context: Context,
  session: Session,
  { data, trial }: PlannedSubscription,
  customer: ObjectTypes['customer'],
): Begun {
  const plan = planOf(session);
  const { discount } = plan;
  const once = plan.lines.filter(({ item }) => item.price?.recurring === null);
  const { subscription, invoice } = start(context, {
    customer,
    terms: plan.lines.flatMap((line) => termsOf(context, line)),
    trialEnd: trial === undefined ? null : (trial.end ?? context.now() + (trial.days ?? 0) * DAY),
    mode: data?.billing_mode?.type ?? 'flexible',
    discounts: () => (discount === undefined ? [] : [stored(context, discount).id]),
    fields: (made) => {
      made.metadata = mergeMetadata({}, data?.metadata);
      made.description = data?.description ?? null;
      made.default_tax_rates = (data?.default_tax_rates ?? []).map((id) => context.store.tax_rate.need(id));
      const missing = data?.trial_settings?.end_behavior.missing_payment_method;
      if (missing !== undefined) {
        made.trial_settings = { end_behavior: { billing_cycle_anchor: null, missing_payment_method: missing } };
      }
    },
    extras: (made) => {
      for (const line of once) sellOnce(context, made, line);
    },
  });
  return {
    subscription: subscription.id,
    invoice: invoice.id,
    intent: openDefaultIntent(context, invoice)?.id ?? null,
  };
}

function termsOf(context: Context, { item, amounts }: PlannedLine): Terms[] {
  const { price, quantity, metadata } = item;
  if (price === null || price.recurring === null) return [];
  const taxRates = amounts.taxes.map(({ rate }) => rate);
  return [{ id: context.id('si_'), price, quantity: quantity ?? 1, metadata: { ...metadata }, taxRates }];
}

function sellOnce(context: Context, { id, customer, currency }: Subscription, { item, amounts }: PlannedLine): void {
  const { price, quantity } = item;
  const sent = {
    pricing: { price: price?.id },
    quantity: quantity ?? 1,
    tax_rates: amounts.taxes.map(({ rate }) => rate.id),
  };
  const made = planItem(context, sent, { currency, customer, invoice: null })();
  made.parent = { subscription_details: { subscription: id }, type: 'subscription_details' };
}

function stored(context: Context, discount: ObjectTypes['discount']): ObjectTypes['discount'] {
  return context.store.discount.get(discount.id) ?? context.store.discount.add(discount);
}

/** Saves the card to the customer where there is nothing to pay yet. Some banks refuse already that. */
function save(context: Context, method: PaymentMethod, customer: string): Failure | undefined {
  try {
    attach(context, method, customer);
    return undefined;
  } catch (error) {
    if (!(error instanceof StripeError) || error.type !== 'card_error') throw error;
    return failureOf(error);
  }
}

/** What a bank has said to the saving of a card, as the page tells it. */
export function failureOf({ message, details }: StripeError): Failure {
  const { code = 'card_declined', decline_code: declineCode } = details;
  return { code, message, ...(declineCode === undefined ? {} : { declineCode }) };
}

/** Renewals are charged to what the first payment came from. */
export function keepMethod(context: Context, { subscription: id }: Begun, method: PaymentMethod): void {
  const subscription = context.store.subscription.need(id);
  attach(context, method, subscription.customer);
  context.change(subscription, 'customer.subscription.updated', () => {
    subscription.default_payment_method = method.id;
  });
}
