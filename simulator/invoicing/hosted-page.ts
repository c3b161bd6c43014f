import type { Context } from '../core/context.ts';
import { formatAmount } from '../core/currencies.ts';
import { noSuch, StripeError } from '../core/errors.ts';
import { escaped, layout } from '../core/html.ts';
import { field, type PageAnswer, type PageRoute, page } from '../core/pages.ts';
import type { World } from '../core/world.ts';
import { takePaymentMethod } from '../payments/payment-method.ts';
import { charge } from './collect.ts';
import { type Invoice, linesOf } from './lines.ts';
import { sum } from './totals.ts';

/** The page behind `hosted_invoice_url` and, in place of a PDF, behind `invoice_pdf`. */
export const invoicePages: readonly PageRoute[] = [
  page('GET', '/invoice/{account}/{token}', (world, _form, { account, token }) =>
    shown(invoiceAt(world, account, token)[1]),
  ),
  page('POST', '/invoice/{account}/{token}', (world, form, { account, token }) => {
    const [context, invoice] = invoiceAt(world, account, token);
    if (invoice.status !== 'open' && invoice.status !== 'uncollectible') return shown(invoice);
    const card = field(form, 'choice') === 'card' ? 'pm_card_visa' : 'pm_card_chargeDeclined';
    try {
      charge(context, invoice, takePaymentMethod(context, card, 'payment_method'));
      return shown(invoice);
    } catch (error) {
      if (error instanceof StripeError) return shown(invoice, error.message);
      throw error;
    }
  }),
  page('GET', '/invoice/{account}/{token}/pdf', (world, _form, { account, token }) =>
    shown(invoiceAt(world, account, token)[1]),
  ),
];

function invoiceAt(world: World, accountId: string, token: string): [Context, Invoice] {
  const path = `/invoice/${accountId}/${token}`;
  for (const account of world.accounts) {
    const [found] = account.store.invoice.newestFirst(({ hosted_invoice_url: url }) => url?.endsWith(path) === true);
    if (found !== undefined) return [world.context(account), found];
  }
  throw noSuch('invoice', token);
}

function shown(invoice: Invoice, problem?: string): PageAnswer {
  const title = `Invoice ${invoice.number}`;
  const body = `<div class="card">
<h1>${escaped(title)}</h1>
${problem === undefined ? '' : `<p class="problem" role="alert">${escaped(problem)}</p>`}
<p class="total">${money(invoice, invoice.total)}</p>
<p>${escaped(invoice.account_name ?? '')} to ${escaped(invoice.customer_name ?? invoice.customer_email ?? 'a customer')},
dated ${new Date((invoice.effective_at ?? invoice.created) * 1000).toISOString().slice(0, 10)}: <strong>${escaped(invoice.status ?? '')}</strong></p>
${table(invoice)}
<p class="hint">${escaped(invoice.footer ?? '')}</p>
${invoice.status === 'open' ? payButtons : ''}
</div>`;
  return { status: 200, html: layout(title, body) };
}

const payButtons = `<form method="post">
<button class="main" name="choice" value="card">Pay with a card that works</button>
<button name="choice" value="declined">Pay with a card that is declined</button>
</form>`;

const money = (invoice: Invoice, amount: number): string => escaped(formatAmount(amount, invoice.currency));

function table(invoice: Invoice): string {
  const row = (label: string, amount: number): string =>
    `<tr><th scope="row">${escaped(label)}</th><td>${money(invoice, amount)}</td></tr>`;
  const rows = linesOf(invoice).map((line) => row(line.description ?? 'Item', line.amount));
  const discount = sum((invoice.total_discount_amounts ?? []).map(({ amount }) => amount));
  const taxes = invoice.total_taxes ?? [];
  const below = [
    ...(discount > 0 ? [row('Discount', -discount)] : []),
    ...taxes.map(({ amount, tax_behavior: how }) => row(how === 'inclusive' ? 'Tax (included)' : 'Tax', amount)),
    ...(invoice.starting_balance === 0 ? [] : [row('Applied balance', invoice.amount_due - invoice.total)]),
    row('Paid', invoice.amount_paid),
    row('Amount due', invoice.amount_remaining),
  ];
  return `<table><tbody>${rows.join('')}</tbody><tfoot>${below.join('')}</tfoot></table>`;
}
