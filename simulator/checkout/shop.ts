import { formatAmount } from '../core/currencies.ts';
import { type FormMap, parseForm } from '../core/form.ts';
import { escaped, layout } from '../core/html.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { field, type PageAnswer, type PageRoute, page } from '../core/pages.ts';
import { readParams } from '../core/params.ts';
import type { World } from '../core/world.ts';
import { createSession } from './session.ts';
import { sessionParams } from './session-params.ts';

type Session = ObjectTypes['checkout.session'];

const SHOWN = 10;

/** The front door: a shop with one form, and the latest purchases. */
function shopPage(world: World): PageAnswer {
  const sessions = [...world.firstAccount().store['checkout.session'].newestFirst()].slice(0, SHOWN);
  const rows = sessions.map(
    (session) =>
      `<tr><td>${linkTo(session)}</td><td>${escaped(price(session))}</td><td>${escaped(stateOf(session))}</td></tr>`,
  );
  const list =
    rows.length === 0
      ? '<p>None yet.</p>'
      : `<table><thead><tr><th scope="col">Session</th><th scope="col">Amount</th><th scope="col">State</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const body = `<div class="columns">
<section class="card" aria-labelledby="buy"><h1 id="buy">Buy something</h1>
<p>Opens a Checkout Session, as a shop would do over the API, and takes you to its page.</p>
<form method="post" action="/c/shop">
<label for="name">What</label><input id="name" name="name" required maxlength="200" value="A course in bookkeeping">
<label for="amount">Price in minor units (cents)</label><input id="amount" name="amount" inputmode="numeric" pattern="[0-9]+" required value="4900">
<label for="currency">Currency</label><input id="currency" name="currency" required maxlength="3" value="eur">
<label for="rhythm">Paid</label><select id="rhythm" name="rhythm"><option value="">once</option><option value="month">every month</option><option value="year">every year</option></select>
<button class="main">Go to the Checkout page</button>
</form></section>
<section aria-labelledby="latest"><h1 id="latest">Latest purchases</h1>
${list}
<p class="hint">The control API is at <a href="/_sim">/_sim</a>.</p></section>
</div>`;
  return { status: 200, html: layout('Simulated Stripe', body) };
}

const linkTo = (session: Session): string =>
  session.status === 'open' ? `<a href="/c/pay/${session.id}">open page</a>` : escaped(session.id.slice(0, 26));

const price = (session: Session): string => formatAmount(session.amount_total ?? 0, session.currency ?? 'usd');

const stateOf = ({ status, payment_status: paid }: Session): string =>
  status === 'complete' ? `complete, ${paid}` : (status ?? '');

/** Sends the form of the front door through the parameters of the API, so that it is checked in the same way. */
function buy(world: World, form: FormMap): PageAnswer {
  const rhythm = field(form, 'rhythm');
  const params = new URLSearchParams({
    mode: rhythm === undefined ? 'payment' : 'subscription',
    ...(rhythm === undefined ? {} : { 'line_items[0][price_data][recurring][interval]': rhythm }),
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': field(form, 'currency') ?? '',
    'line_items[0][price_data][unit_amount]': field(form, 'amount') ?? '',
    'line_items[0][price_data][product_data][name]': field(form, 'name') ?? '',
    success_url: `${world.baseUrl}/c/thanks?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: `${world.baseUrl}/`,
  });
  const context = world.context(world.firstAccount());
  const session = createSession(context, readParams(sessionParams, parseForm(params.toString())));
  return { redirect: session.url ?? '/' };
}

/** A shop to try the simulator by hand. */
export const shopPages: readonly PageRoute[] = [
  page('GET', '/', shopPage),
  page('POST', '/c/shop', buy),
  page('GET', '/c/thanks', () => ({
    status: 200,
    html: layout(
      'Thank you',
      '<section class="card"><h1>Thank you for your purchase</h1><a class="button" href="/">Back to the shop</a></section>',
    ),
  })),
];
