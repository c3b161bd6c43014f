import type { Context } from '../core/context.ts';
import { refused, StripeError } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Params } from '../core/params.ts';
import type { WireAddress } from '../core/shared-params.ts';
import { createCustomer } from '../customers/customer.ts';
import { addTaxId, type taxIdParams } from '../customers/tax-ids.ts';
import { confirmIntent } from '../payments/attempt.ts';
import type { Failure } from '../payments/charge.ts';
import { createIntent } from '../payments/intent.ts';
import { confirmSetup } from '../payments/setup-intent.ts';
import { type PlannedSubscription, planOf } from './plan.ts';
import { failureOf, keepMethod, subscribe } from './subscribe.ts';

type Session = ObjectTypes['checkout.session'];
type PaymentMethod = ObjectTypes['payment_method'];

/** What the buyer typed on the page. */
export interface Buyer {
  email?: string | null;
  name?: string | null;
  phone?: string | null;
  address?: WireAddress | null;
  taxId?: Params<typeof taxIdParams> | undefined;
}

/** `paid` covers a payment that is held or under way as well: the page's part is over. */
export type PageOutcome =
  | { kind: 'paid' }
  | { kind: 'declined'; failure: Failure }
  | { kind: 'authenticate'; url: string };

/** The buyer confirms: now the payment intent is made (or tried again), and the session completes unless it fails. */
export function confirmSession(context: Context, session: Session, method: PaymentMethod, buyer: Buyer): PageOutcome {
  if (session.status !== 'open') {
    throw refused(`This Checkout Session has a status of ${session.status} and cannot be paid.`);
  }
  rememberBuyer(context, session, buyer);
  if (session.mode === 'setup') return confirmCard(context, session, method);
  const planned = planOf(session).subscription;
  if (planned !== undefined) return confirmSubscription(context, session, planned, method);
  if (session.amount_total === 0) {
    completeSession(context, session, 'no_payment_required');
    return { kind: 'paid' };
  }
  const intent = intentOf(context, session);
  const failure = confirmIntent(context, intent, method, { returnUrl: session.success_url ?? undefined });
  if (failure !== undefined) return { kind: 'declined', failure };
  if (intent.status === 'requires_action') {
    return { kind: 'authenticate', url: intent.next_action?.redirect_to_url?.url ?? '' };
  }
  completeSession(context, session, intent.status === 'succeeded' ? 'paid' : 'unpaid');
  return { kind: 'paid' };
}

/** Saves the card; `setup_intent.succeeded` completes the session, after 3-D Secure as well. */
function confirmCard(context: Context, session: Session, method: PaymentMethod): PageOutcome {
  const intent = context.store.setup_intent.need(session.setup_intent ?? '');
  intent.customer = session.customer;
  try {
    confirmSetup(context, intent, method, {
      returnUrl: session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? null,
    });
  } catch (error) {
    if (!(error instanceof StripeError) || error.type !== 'card_error') throw error;
    return { kind: 'declined', failure: failureOf(error) };
  }
  const url = intent.next_action?.redirect_to_url?.url;
  return url == null ? { kind: 'paid' } : { kind: 'authenticate', url };
}

function confirmSubscription(
  context: Context,
  session: Session,
  planned: PlannedSubscription,
  method: PaymentMethod,
): PageOutcome {
  const outcome = subscribe(context, session, planned, method);
  if (outcome.kind !== 'subscribed') return outcome;
  completeSession(context, session, outcome.paymentStatus);
  return { kind: 'paid' };
}

/** The intent of the first attempt serves all later ones. The session's metadata stays with the session. */
function intentOf(context: Context, session: Session): ObjectTypes['payment_intent'] {
  if (session.payment_intent !== null) return context.store.payment_intent.need(session.payment_intent);
  const intent = createIntent(context, {
    ...planOf(session).intentData,
    amount: session.amount_total ?? 0,
    currency: session.currency ?? 'usd',
    customer: session.customer,
    automatic_payment_methods: null,
    payment_method_types: [...session.payment_method_types],
  });
  session.payment_intent = intent.id;
  return intent;
}

/** Notes who pays; makes a customer of a guest where the session asks for it or needs one. */
function rememberBuyer(context: Context, session: Session, buyer: Buyer): void {
  const known = context.store.customer.get(session.customer ?? '');
  const email = known?.email ?? session.customer_email ?? buyer.email ?? null;
  const name = buyer.name ?? known?.name ?? null;
  const address = buyer.address ?? known?.address ?? null;
  session.customer_details = {
    address,
    business_name: null,
    email,
    individual_name: null,
    name,
    phone: buyer.phone ?? null,
    tax_exempt: 'none',
    tax_ids: buyer.taxId === undefined ? [] : [buyer.taxId],
  };
  const { intentData, subscription } = planOf(session);
  const needed =
    subscription !== undefined || intentData.setup_future_usage != null || session.invoice_creation?.enabled === true;
  if (session.customer !== null || !(needed || session.customer_creation === 'always')) return;
  const customer = createCustomer(context, { email, name, address, phone: buyer.phone ?? null });
  if (buyer.taxId !== undefined) addTaxId(context, customer, buyer.taxId);
  session.customer = customer.id;
}

export function completeSession(context: Context, session: Session, paymentStatus: Session['payment_status']): void {
  planOf(session).callOffExpiry();
  session.status = 'complete';
  session.payment_status = paymentStatus;
  session.url = null;
  const begun = planOf(session).begun;
  if (begun !== undefined) {
    session.subscription = begun.subscription;
    session.invoice = begun.invoice;
  }
  context.emit('checkout.session.completed', session);
}

/** The session that an intent belongs to. */
export function sessionOf(context: Context, intentId: string): Session | undefined {
  const [session] = context.store['checkout.session'].newestFirst(
    (one) => one.payment_intent === intentId || planOf(one).begun?.intent === intentId,
  );
  return session;
}

/** The buyer is back from 3-D Secure and the intent says how it went: completes the session if it was paid. */
export function resumeSession(context: Context, intent: ObjectTypes['payment_intent']): Session | undefined {
  const session = sessionOf(context, intent.id);
  if (session?.status === 'open' && ['succeeded', 'requires_capture'].includes(intent.status)) {
    const { begun } = planOf(session);
    const method = context.store.payment_method.get(intent.payment_method ?? '');
    if (begun !== undefined && method !== undefined) keepMethod(context, begun, method);
    completeSession(context, session, intent.status === 'succeeded' ? 'paid' : 'unpaid');
  }
  return session;
}
