import type { Context } from '../core/context.ts';
import { formatAmount, maximumCharge, minimumCharge } from '../core/currencies.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { checkStep } from '../payments/intent.ts';
import type { sessionParams } from './session-params.ts';

type Sent = Params<typeof sessionParams>;

/** A session lives between half an hour and a day. */
const MIN_SECONDS = 30 * 60;
export const MAX_SECONDS = 24 * 3600;

/** What must hold before anything is made. */
export function checkSession(context: Context, sent: Sent): void {
  if (sent.mode === undefined) throw missingParam('mode');
  checkMode(sent);
  if (sent.ui_mode !== undefined && sent.ui_mode !== 'hosted_page') {
    throw refused(`simulator: ui_mode ${sent.ui_mode} is not simulated`, { param: 'ui_mode' });
  }
  if (sent.automatic_tax?.enabled === true) {
    throw refused('simulator: automatic_tax is not simulated', { param: 'automatic_tax[enabled]' });
  }
  if (sent.success_url === undefined) throw missingParam('success_url');
  if (sent.mode === 'setup') {
    if (sent.currency === undefined) throw missingParam('currency');
  } else if (sent.line_items === undefined || sent.line_items.length === 0) throw missingParam('line_items');
  if (sent.customer !== undefined && sent.customer_email !== undefined) {
    const message = 'You may only specify one of these parameters: customer, customer_email.';
    throw invalidParam(message, 'customer_email', 'parameters_exclusive');
  }
  if (sent.customer !== undefined && sent.customer_creation !== undefined) {
    throw invalidParam('`customer_creation` cannot be used when `customer` is set.', 'customer_creation');
  }
  if (sent.customer !== undefined) context.store.customer.need(sent.customer, 'customer');
  if (sent.discounts !== undefined && sent.allow_promotion_codes !== undefined) {
    const message = 'You may only specify one of these parameters: allow_promotion_codes, discounts.';
    throw invalidParam(message, 'discounts', 'parameters_exclusive');
  }
  checkExpiry(sent.expires_at, context.now());
}

/** What does not belong to a mode. */
const foreignTo = {
  payment: ['payment_method_collection', 'setup_intent_data', 'subscription_data'],
  setup: [
    'discounts',
    'invoice_creation',
    'line_items',
    'payment_intent_data',
    'payment_method_collection',
    'shipping_options',
    'submit_type',
    'subscription_data',
  ],
  subscription: [
    'customer_creation',
    'invoice_creation',
    'payment_intent_data',
    'setup_intent_data',
    'shipping_options',
    'submit_type',
  ],
} as const;

function checkMode(sent: Sent): void {
  const mode = sent.mode ?? 'payment';
  const foreign = foreignTo[mode].find((name) => sent[name] !== undefined);
  if (foreign !== undefined) throw refused(`You can not pass \`${foreign}\` in \`${mode}\` mode.`, { param: foreign });
}

/** A customer has subscriptions in one currency. */
export function checkCurrency(context: Context, customerId: string | undefined, currency: string): void {
  const known = context.store.customer.get(customerId ?? '')?.currency;
  if (known == null || known === currency) return;
  const message = `You cannot combine currencies on a single customer. This customer has had a subscription, coupon, or invoice item with currency ${known}`;
  throw refused(message, { param: 'currency' });
}

function checkExpiry(expiresAt: number | undefined, now: number): void {
  if (expiresAt === undefined) return;
  if (expiresAt < now + MIN_SECONDS) {
    throw refused('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', {
      param: 'expires_at',
    });
  }
  if (expiresAt > now + MAX_SECONDS) {
    throw refused('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', {
      param: 'expires_at',
    });
  }
}

/** The coupon, if it can still be used. */
export function redeemable(context: Context, id: string): ObjectTypes['coupon'] {
  const coupon = context.store.coupon.need(id, 'discounts[0][coupon]');
  if (!coupon.valid) throw refused(`Coupon ${id} is used up and cannot be applied.`, { code: 'coupon_expired' });
  return coupon;
}

/** Nothing at all is free of charge; anything else must be worth charging. */
export function checkTotal(total: number, currency: string): void {
  if (total === 0) return;
  if (total < minimumCharge(currency)) {
    const least = formatAmount(minimumCharge(currency), currency);
    throw refused(`The Checkout Session's total amount due must add up to at least ${least} ${currency}`, {
      code: 'amount_too_small',
    });
  }
  if (total > maximumCharge(currency)) {
    const most = formatAmount(maximumCharge(currency), currency);
    throw refused(`The Checkout Session's total amount due must be no more than ${most} ${currency}`, {
      code: 'amount_too_large',
    });
  }
  checkStep(total, currency, 'line_items');
}
