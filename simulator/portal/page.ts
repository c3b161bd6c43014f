import type { Context } from '../core/context.ts';
import { formatAmount } from '../core/currencies.ts';
import { escaped, href } from '../core/html.ts';
import type { ObjectTypes } from '../core/objects.ts';
import type { Subscription } from '../subscriptions/subscription.ts';
import { liveOf } from './deeds.ts';

type PortalSession = ObjectTypes['billing_portal.session'];

/** The cards that the page offers; each is a button. */
export const cards = {
  pm_card_visa: 'Visa that works (4242)',
  pm_card_mastercard: 'Mastercard that works (4444)',
  pm_card_chargeCustomerFail: 'Visa that can be saved and is then declined (0341)',
  pm_card_authenticationRequired: 'Visa that asks for 3-D Secure (3184)',
  pm_card_chargeDeclined: 'Visa that the bank does not want saved (0002)',
} as const;

export const isCard = (name: string | undefined): name is keyof typeof cards =>
  name !== undefined && Object.hasOwn(cards, name);

/** What the customer sees: their subscriptions, their card, their invoices. A flow shows its own part alone. */
export function portalPage(context: Context, session: PortalSession, problem?: string): string {
  const flow = session.flow?.type;
  const parts = [
    flow === 'payment_method_update' ? '' : subscriptionsPart(context, session),
    flow === 'subscription_cancel' ? '' : cardPart(context, session),
    flow === undefined ? invoicesPart(context, session) : '',
  ];
  return `${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<div class="columns">${parts.join('\n')}</div>
${session.return_url === null ? '' : `<a class="button" href="${href(session.return_url)}">Back to the business</a>`}`;
}

function subscriptionsPart(context: Context, { customer, flow }: PortalSession): string {
  const shown = liveOf(context, customer).filter(
    ({ id }) => flow?.subscription_cancel == null || flow.subscription_cancel.subscription === id,
  );
  const list = shown.map((subscription) => oneSubscription(context, subscription));
  return `<section class="card" aria-labelledby="subscriptions"><h1 id="subscriptions">Your subscriptions</h1>
${list.length === 0 ? '<p>None.</p>' : list.join('')}</section>`;
}

function oneSubscription(context: Context, subscription: Subscription): string {
  const { id, items, cancel_at: end, status } = subscription;
  const lines = items.data.map(({ price, quantity }) => {
    const name = context.store.product.get(price.product)?.name ?? 'Subscription';
    const each = formatAmount(Number(price.unit_amount_decimal ?? 0), price.currency);
    return `${escaped(name)} × ${quantity} at ${escaped(each)} per ${escaped(price.recurring?.interval ?? '')}`;
  });
  const fate = end === null ? `<p>Status: ${escaped(status)}.</p>` : `<p>Ends on ${dateOf(end)}.</p>`;
  const [deed, words] =
    end === null ? ['cancel', 'Cancel at the end of the period'] : ['keep', 'Keep the subscription'];
  return `<h2>${lines.join('<br>')}</h2>${fate}<form method="post"><input type="hidden" name="subscription" value="${escaped(id)}">
<button name="deed" value="${deed}">${words}</button></form>`;
}

function cardPart(context: Context, { customer: id }: PortalSession): string {
  const customer = context.store.customer.get(id);
  const method = context.store.payment_method.get(customer?.invoice_settings.default_payment_method ?? '');
  const card = method?.card;
  const now = card === undefined ? 'No card yet.' : `${card.brand} ending in ${card.last4 ?? ''}`;
  const buttons = Object.entries(cards).map(
    ([name, words]) => `<button name="card" value="${name}">${escaped(words)}</button>`,
  );
  return `<section class="card" aria-labelledby="card"><h1 id="card">Your card</h1><p>${escaped(now)}</p>
<form method="post"><input type="hidden" name="deed" value="card"><fieldset><legend>Use another one</legend>${buttons.join('\n')}</fieldset></form></section>`;
}

function invoicesPart(context: Context, { customer }: PortalSession): string {
  const shown = [...context.store.invoice.newestFirst((one) => one.customer === customer && one.status !== 'draft')];
  const rows = shown.slice(0, 12).map(({ number, hosted_invoice_url: page, total, currency, status }) => {
    const name = escaped(number ?? 'Invoice');
    const link = page == null ? name : `<a href="${href(page)}">${name}</a>`;
    return `<tr><td>${link}</td><td>${escaped(status ?? '')}</td><td>${escaped(formatAmount(total, currency))}</td></tr>`;
  });
  return `<section aria-labelledby="invoices"><h1 id="invoices">Your invoices</h1>
${rows.length === 0 ? '<p>None yet.</p>' : `<table><tbody>${rows.join('')}</tbody></table>`}</section>`;
}

const dateOf = (seconds: number): string =>
  new Date(seconds * 1000).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });

export const expiredPage = `<section class="card"><h1>This link has expired</h1>
<p>Go back to the business and open your account again.</p></section>`;
