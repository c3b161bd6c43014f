import type { Context } from '../core/context.ts';
import { formatAmount } from '../core/currencies.ts';
import type { FormMap } from '../core/form.ts';
import { escaped, layout } from '../core/html.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { field, type PageAnswer, type PageRoute, page } from '../core/pages.ts';
import type { World } from '../core/world.ts';
import { settleAuthentication } from '../payments/attempt.ts';
import { type Buyer, confirmSession, resumeSession } from './completion.ts';
import { authenticationPage, closedPage, isChoice, payPage } from './page.ts';
import { methodFor } from './test-methods.ts';

type Session = ObjectTypes['checkout.session'];

const sessionAt = (world: World, id: string): [Context, Session] =>
  world.locate('checkout.session', id, ({ store }) => store['checkout.session'].get(id));

const shown = (session: Session, form: FormMap, problem?: string): PageAnswer => {
  const typed = { email: field(form, 'email'), name: field(form, 'name') };
  const body = session.status === 'open' ? payPage(session, typed, problem) : closedPage(session);
  return { status: 200, html: layout('Checkout', body) };
};

/** Where the buyer goes after paying. Only the literal template is replaced, as Stripe does. */
export const successUrl = (session: Session): string =>
  (session.success_url ?? '/').replaceAll('{CHECKOUT_SESSION_ID}', session.id);

function buyerOf(form: FormMap): Buyer {
  const country = field(form, 'country')?.toUpperCase();
  const vat = field(form, 'eu_vat');
  return {
    email: field(form, 'email') ?? null,
    name: field(form, 'name') ?? null,
    phone: field(form, 'phone') ?? null,
    address:
      country === undefined
        ? null
        : {
            city: field(form, 'city') ?? null,
            country,
            line1: field(form, 'line1') ?? null,
            line2: null,
            postal_code: field(form, 'postal_code') ?? null,
            state: null,
          },
    taxId: vat === undefined ? undefined : { type: 'eu_vat', value: vat },
  };
}

function pay(world: World, form: FormMap, id: string): PageAnswer {
  const [context, session] = sessionAt(world, id);
  if (session.status !== 'open') return shown(session, form);
  const choice = field(form, 'choice');
  const buyer = buyerOf(form);
  if (!isChoice(choice)) return shown(session, form, 'Choose how to pay.');
  if (session.customer_details?.email == null && buyer.email == null) {
    return shown(session, form, 'Enter your email address.');
  }
  const outcome = confirmSession(context, session, methodFor(context, session, choice, buyer), buyer);
  switch (outcome.kind) {
    case 'paid':
      return { redirect: successUrl(session) };
    case 'authenticate':
      return { redirect: outcome.url };
    case 'declined':
      return shown(session, form, outcome.failure.message);
  }
}

function authenticate(world: World, form: FormMap, id: string): PageAnswer {
  const [context, intent] = world.locate('payment_intent', id, ({ store }) => store.payment_intent.get(id));
  const returnUrl = intent.next_action?.redirect_to_url?.return_url ?? null;
  const failure = settleAuthentication(context, intent, field(form, 'answer') === 'approve');
  const session = resumeSession(context, intent);
  if (session !== undefined) {
    return { redirect: failure === undefined ? successUrl(session) : `${session.url ?? world.baseUrl}?retry=1` };
  }
  const target = new URL(returnUrl ?? world.baseUrl);
  target.searchParams.set('payment_intent', intent.id);
  target.searchParams.set('payment_intent_client_secret', intent.client_secret ?? '');
  target.searchParams.set('redirect_status', failure === undefined ? 'succeeded' : 'failed');
  return { redirect: target.href };
}

/** Pages on which a person plays the buyer. */
export const checkoutPages: readonly PageRoute[] = [
  page('GET', '/c/pay/{id}', (world, form, { id }) => {
    const [context, session] = sessionAt(world, id);
    const intent = context.store.payment_intent.get(session.payment_intent ?? '');
    // Only on the way back from a failed attempt: a fresh visit begins without a reproach.
    return shown(session, form, field(form, 'retry') === undefined ? undefined : intent?.last_payment_error?.message);
  }),
  page('POST', '/c/pay/{id}', (world, form, { id }) => pay(world, form, id)),
  page('GET', '/c/authenticate/{id}', (world, _form, { id }) => {
    const [, intent] = world.locate('payment_intent', id, ({ store }) => store.payment_intent.get(id));
    const html = layout('3-D Secure', authenticationPage(formatAmount(intent.amount, intent.currency)));
    return { status: 200, html };
  }),
  page('POST', '/c/authenticate/{id}', (world, form, { id }) => authenticate(world, form, id)),
  page('GET', '/c/receipts/{id}', (world, _form, { id }) => {
    const [, charge] = world.locate('charge', id, ({ store }) => store.charge.get(id));
    const amount = escaped(formatAmount(charge.amount_captured, charge.currency));
    const body = `<section class="card"><h1>Receipt</h1><p class="total">${amount}</p><p>Charge ${escaped(charge.id)}: ${escaped(charge.status)}</p></section>`;
    return { status: 200, html: layout('Receipt', body) };
  }),
];
