import { formatAmount } from '../core/currencies.ts';
import { escaped, href } from '../core/html.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { planOf } from './plan.ts';

type Session = ObjectTypes['checkout.session'];

/** The ways to pay (and to fail) that the page offers; each is a button. */
export const choices = {
  card: 'Card that works (Visa 4242)',
  authenticate: 'Card that asks for 3-D Secure',
  declined: 'Card that is declined',
  insufficient: 'Card with insufficient funds',
  expired: 'Card that has expired',
  debit: 'Bank debit that is paid in some days',
  debit_fails: 'Bank debit that fails in some days',
} as const;
export type Choice = keyof typeof choices;

export const isChoice = (value: string | undefined): value is Choice =>
  value !== undefined && Object.hasOwn(choices, value);

/** Currencies in which the simulated account takes bank debits. */
export const debitType = (session: Session): 'sepa_debit' | 'us_bank_account' | undefined => {
  const type = session.currency === 'eur' ? 'sepa_debit' : session.currency === 'usd' ? 'us_bank_account' : undefined;
  return type !== undefined && session.payment_method_types.includes(type) ? type : undefined;
};

/** What the page was sent with, so that a declined buyer need not type it again. */
export interface Typed {
  email?: string | undefined;
  name?: string | undefined;
}

/** The body of the page that takes the money. */
export function payPage(session: Session, typed: Typed, problem?: string): string {
  return `<div class="columns">
${session.mode === 'setup' ? '' : orderPart(session)}
<section class="card" aria-labelledby="pay"><h1 id="pay">${headings[session.mode] ?? 'Pay'}</h1>
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<form method="post">
${buyerFields(session, typed)}
${choiceButtons(session)}
</form>
${session.cancel_url === null ? '' : `<a class="button" href="${href(session.cancel_url)}">Leave without paying</a>`}
</section>
</div>`;
}

/** What the buyer is about to do. */
const headings: Readonly<Record<string, string>> = { payment: 'Pay', setup: 'Save a card', subscription: 'Subscribe' };

const orderPart = (session: Session): string => `<section aria-labelledby="summary"><h1 id="summary">Your order</h1>
<p class="total">${amount(session, session.amount_total ?? 0)}</p>
${orderTable(session)}
</section>`;

const amount = (session: Session, minor: number): string => escaped(formatAmount(minor, session.currency ?? 'usd'));

function orderTable(session: Session): string {
  const rows = planOf(session).lines.map(
    ({ item }) =>
      `<tr><th scope="row">${escaped(item.description ?? 'Item')} × ${item.quantity}${rhythm(item)}</th><td>${amount(session, item.amount_subtotal)}</td></tr>`,
  );
  const { amount_discount: discount = 0, amount_tax: tax = 0, amount_shipping: shipping } = session.total_details ?? {};
  const sums = [
    discount > 0 ? sumRow('Discount', `−${amount(session, discount)}`) : '',
    (shipping ?? 0) > 0 ? sumRow('Shipping', amount(session, shipping ?? 0)) : '',
    tax > 0 ? sumRow('Tax', amount(session, tax)) : '',
    sumRow('Total', amount(session, session.amount_total ?? 0)),
  ];
  return `<table><tbody>${rows.join('')}</tbody><tfoot>${sums.join('')}</tfoot></table>`;
}

/** How often it is paid, and for how long it is not. */
function rhythm({ price, amount_total: due }: ObjectTypes['item']): string {
  const recurring = price?.recurring;
  if (price === null || recurring == null) return '';
  const { interval, interval_count: count } = recurring;
  const every = count === 1 ? `per ${interval}` : `every ${count} ${interval}s`;
  const each = formatAmount(Number(price.unit_amount_decimal ?? 0), price.currency);
  return `<br><small>${escaped(due === 0 ? `free trial, then ${each} ${every}` : every)}</small>`;
}

const sumRow = (name: string, value: string): string => `<tr><th scope="row">${name}</th><td>${value}</td></tr>`;

function buyerFields(session: Session, typed: Typed): string {
  const known = session.customer_details?.email;
  const email =
    known == null || typed.email !== undefined
      ? `<label for="email">Email</label><input id="email" name="email" type="email" autocomplete="email" required value="${escaped(typed.email ?? known ?? '')}">`
      : `<p>Paying as <strong>${escaped(known)}</strong></p>`;
  const country =
    session.billing_address_collection === 'required' || session.shipping_address_collection !== null
      ? addressFields
      : `<label for="country">Country</label><input id="country" name="country" autocomplete="country" maxlength="2" placeholder="DE">`;
  return `${email}
<label for="name">Full name</label><input id="name" name="name" autocomplete="name" required value="${escaped(typed.name ?? session.customer_details?.name ?? '')}">
${country}
${session.phone_number_collection?.enabled === true ? phoneField : ''}
${session.tax_id_collection?.enabled === true ? taxField : ''}`;
}

const addressFields = `<label for="line1">Street</label><input id="line1" name="line1" autocomplete="address-line1" required>
<label for="postal_code">Postal code</label><input id="postal_code" name="postal_code" autocomplete="postal-code" required>
<label for="city">City</label><input id="city" name="city" autocomplete="address-level2" required>
<label for="country">Country (two letters)</label><input id="country" name="country" autocomplete="country" maxlength="2" required>`;
const phoneField = `<label for="phone">Phone</label><input id="phone" name="phone" type="tel" autocomplete="tel">`;
const taxField = `<label for="eu_vat">EU VAT number (optional)</label><input id="eu_vat" name="eu_vat" placeholder="DE123456789">`;

function choiceButtons(session: Session): string {
  const debits = session.mode !== 'setup' && debitType(session) !== undefined;
  const buttons = Object.entries(choices)
    .filter(([name]) => debits || !name.startsWith('debit'))
    .map(([name, label], index) => {
      const kind = index === 0 ? ' class="main"' : '';
      return `<button${kind} name="choice" value="${name}">${escaped(label)}</button>`;
    });
  return `<fieldset><legend>Pay with</legend>${buttons.join('\n')}</fieldset>
<p class="hint">Each button pays with one of Stripe's test payment methods.</p>`;
}

/** For a session that can no longer be paid. */
export function closedPage(session: Session): string {
  const paid = session.status === 'complete';
  const back = paid ? session.success_url : session.cancel_url;
  return `<section class="card"><h1>${paid ? 'This payment is complete' : 'This page has expired'}</h1>
<p>${paid ? 'Thank you. Nothing more is to be done here.' : 'Go back to the shop and start again.'}</p>
${back === null ? '' : `<a class="button" href="${href(back.replace('{CHECKOUT_SESSION_ID}', session.id))}">Back to the shop</a>`}
</section>`;
}

/** The bank's page for 3-D Secure. */
export function authenticationPage(price: string): string {
  return `<section class="card"><h1>Your bank asks: is this you?</h1>
<p>A payment of <strong>${escaped(price)}</strong> waits for your approval (3-D Secure test page).</p>
<form method="post">
<button class="main" name="answer" value="approve">Approve the payment</button>
<button name="answer" value="fail">Fail the authentication</button>
</form></section>`;
}
