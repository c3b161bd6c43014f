import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { cancelIntent } from '../payments/intent.ts';
import { offered } from '../payments/payment-intents.ts';
import { planLines } from './line-items.ts';
import { keepPlan, type Plan, planOf } from './plan.ts';
import { checkCurrency, checkSession, checkTotal, MAX_SECONDS, redeemable } from './session-checks.ts';
import type { sessionParams } from './session-params.ts';
import {
  customerCreation,
  fixedFields,
  intentData,
  invoiceCreation,
  knownBuyer,
  setupIntentOf,
} from './session-parts.ts';
import { planShipping } from './shipping.ts';
import { trialOf } from './trial.ts';

type Session = ObjectTypes['checkout.session'];
type Sent = Params<typeof sessionParams>;

/** Makes a session. No payment intent and no subscription yet: they come when the buyer confirms. */
export function createSession(context: Context, sent: Sent): Session {
  checkSession(context, sent);
  const couponId = sent.discounts?.[0]?.coupon;
  const coupon = couponId === undefined ? undefined : redeemable(context, couponId);
  const mode = sent.mode ?? 'payment';
  const trial = trialOf(context, sent.subscription_data);
  const lines = mode === 'setup' ? [] : planLines(context, sent.line_items ?? [], coupon, mode, trial !== undefined);
  const currency = lines[0]?.item.currency ?? sent.currency ?? 'usd';
  if (mode === 'subscription') checkCurrency(context, sent.customer, currency);
  if (coupon != null && coupon.currency !== null && coupon.currency !== currency) {
    throw refused(`Coupon ${coupon.id} is in ${coupon.currency} and cannot be applied to a session in ${currency}.`, {
      param: 'discounts[0][coupon]',
    });
  }
  const rates = planShipping(context, sent.shipping_options ?? [], currency);
  const shipping = rates[0]?.fixed_amount?.amount;
  const sum = (pick: (line: Plan['lines'][number]) => number): number =>
    lines.reduce((total, line) => total + pick(line), 0);

  const total = sum(({ amounts }) => amounts.total) + (shipping ?? 0);
  checkTotal(total, currency);

  const id = `${context.id(context.livemode ? 'cs_live_a1' : 'cs_test_a1')}${token(32)}`;
  const now = context.now();
  const session: Session = {
    ...fixedFields,
    id,
    adaptive_pricing: { enabled: sent.adaptive_pricing?.enabled ?? true },
    allow_promotion_codes: sent.allow_promotion_codes ?? null,
    allowed_payment_method_types: sent.allowed_payment_method_types ?? null,
    amount_subtotal: mode === 'setup' ? null : sum(({ amounts }) => amounts.subtotal),
    amount_total: mode === 'setup' ? null : total,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: sent.billing_address_collection ?? null,
    cancel_url: sent.cancel_url ?? null,
    client_reference_id: sent.client_reference_id ?? null,
    created: now,
    currency,
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: sent.customer ?? null,
    customer_creation: customerCreation(sent),
    customer_details: knownBuyer(context, sent),
    customer_email: sent.customer_email ?? null,
    discounts: couponId === undefined ? [] : [{ coupon: couponId, promotion_code: null }],
    expires_at: sent.expires_at ?? now + MAX_SECONDS,
    invoice_creation: mode === 'payment' ? invoiceCreation(sent) : null,
    livemode: context.livemode,
    locale: sent.locale ?? null,
    metadata: mergeMetadata({}, sent.metadata),
    mode,
    payment_method_collection: sent.payment_method_collection ?? (mode === 'payment' ? 'if_required' : 'always'),
    payment_method_types: sent.payment_method_types ?? sent.allowed_payment_method_types ?? offered(currency),
    payment_status: mode === 'setup' ? 'no_payment_required' : 'unpaid',
    setup_intent: mode === 'setup' ? setupIntentOf(context, sent) : null,
    phone_number_collection: { enabled: sent.phone_number_collection?.enabled ?? false },
    shipping_address_collection:
      sent.shipping_address_collection === undefined
        ? null
        : { allowed_countries: sent.shipping_address_collection.allowed_countries },
    shipping_cost:
      rates[0] === undefined || shipping === undefined
        ? null
        : { amount_subtotal: shipping, amount_tax: 0, amount_total: shipping, shipping_rate: rates[0].id },
    shipping_options: rates.map((rate) => ({
      shipping_amount: rate.fixed_amount?.amount ?? 0,
      shipping_rate: rate.id,
    })),
    status: 'open',
    submit_type: sent.submit_type ?? null,
    success_url: sent.success_url ?? null,
    tax_id_collection: {
      enabled: sent.tax_id_collection?.enabled ?? false,
      required: sent.tax_id_collection?.required ?? 'never',
    },
    total_details: {
      amount_discount: sum(({ amounts }) => amounts.discount),
      amount_shipping: shipping ?? 0,
      amount_tax: sum(({ amounts }) => amounts.tax),
    },
    url: `${context.home.baseUrl}/c/pay/${id}`,
  };
  context.store['checkout.session'].add(session);
  const discount = coupon === undefined ? undefined : redeem(context, session, coupon);
  keepPlan(session, {
    lines,
    discount,
    intentData: intentData(sent),
    subscription: mode === 'subscription' ? { data: sent.subscription_data, trial } : undefined,
    begun: undefined,
    callOffExpiry: context.later((session.expires_at - now) * 1000, (later) => expireSession(later, session)),
  });
  return session;
}

function redeem(context: Context, session: Session, coupon: ObjectTypes['coupon']): ObjectTypes['discount'] {
  return context.store.discount.add({
    id: context.id('di_'),
    object: 'discount',
    checkout_session: session.id,
    customer: session.customer,
    customer_account: null,
    end: null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon: coupon.id, type: 'coupon' },
    start: context.now(),
    subscription: null,
    subscription_item: null,
  });
}

/** Ends an open session, and with it the payment that was tried in it. */
export function expireSession(context: Context, session: Session): Session {
  if (session.status !== 'open') {
    throw refused(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}.`,
    );
  }
  planOf(session).callOffExpiry();
  session.status = 'expired';
  session.url = null;
  const intent = context.store.payment_intent.get(session.payment_intent ?? '');
  if (intent !== undefined) cancelIntent(context, intent, 'expired');
  context.emit('checkout.session.expired', session);
  return session;
}
