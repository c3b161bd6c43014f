import type { Context, Reactions } from '../core/context.ts';
import { paymentsBy } from '../invoicing/invoice-payment.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { end } from './cancel.ts';
import { replan } from './schedule.ts';
import { activate, fellBehind, settled, subscriptionOf } from './state.ts';
import { hasEnded, type Subscription } from './subscription.ts';

type Turn = (context: Context, subscription: Subscription, invoice: Invoice) => void;

/** In the time of the customer, whoever has asked for the change. */
const ofSubscription =
  (turn: Turn) =>
  (context: Context, invoice: Invoice): void => {
    const subscription = subscriptionOf(context, invoice);
    if (subscription !== undefined) turn(context.inTimeOf(subscription.customer), subscription, invoice);
  };

const plan = (context: Context, subscription: Subscription): void =>
  replan(context.inTimeOf(subscription.customer), subscription);

/**
 * What becomes of subscriptions when invoices are paid or not. The status changes before the event of the invoice is told: who
 * hears `invoice.payment_failed` finds the subscription past due.
 */
export const subscriptionReactions: Reactions = {
  'customer.subscription.created': plan,
  'customer.subscription.updated': plan,
  'customer.subscription.deleted': plan,

  'invoice.paid': ofSubscription(settled),
  'invoice.voided': ofSubscription(settled),
  'invoice.marked_uncollectible': ofSubscription(settled),
  'invoice.payment_failed': ofSubscription(fellBehind),
  'invoice.payment_action_required': ofSubscription(fellBehind),

  'payment_intent.processing'(context, intent) {
    for (const { invoice: id } of paymentsBy(intent)) {
      const invoice = context.store.invoice.get(id);
      if (invoice !== undefined) ofSubscription(activate)(context, invoice);
    }
  },

  /** What is detached is nobody's card any more: neither the customer's nor a subscription's. */
  'payment_method.detached'(context, { id }) {
    const payers = context.store.customer.oldestFirst((one) => one.invoice_settings.default_payment_method === id);
    for (const customer of payers) {
      context.change(customer, 'customer.updated', () => {
        customer.invoice_settings.default_payment_method = null;
      });
    }
    for (const subscription of context.store.subscription.oldestFirst((one) => one.default_payment_method === id)) {
      context.change(subscription, 'customer.subscription.updated', () => {
        subscription.default_payment_method = null;
      });
    }
  },

  'customer.deleted'(context, { id }) {
    const left = context.store.subscription.oldestFirst((one) => one.customer === id && !hasEnded(one));
    for (const subscription of left) end(context, subscription);
  },
};
