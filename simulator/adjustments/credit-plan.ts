import type { Context } from '../core/context.ts';
import { formatAmount } from '../core/currencies.ts';
import { invalidParam, missingParam, refused } from '../core/errors.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { customerOf } from '../invoicing/figures.ts';
import { paymentsOf } from '../invoicing/invoice-payment.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { sum } from '../invoicing/totals.ts';
import { creditCustomLine } from './credit-custom-line.ts';
import { creditInvoiceLine } from './credit-invoice-line.ts';
import type { SentNote } from './credit-note-params.ts';
import { worth } from './note-line.ts';
import { type CreditNote, linkedAmount, type NoteLine } from './note-records.ts';
import { checkRefund, type Refund } from './refund.ts';

type Charge = ObjectTypes['charge'];

/** A note that has passed all checks and exists nowhere yet. Amounts in minor units. */
export interface CreditPlan {
  lines: NoteLine[];
  total: number;
  /** Lowers what is left to pay. */
  prePayment: number;
  /** Goes back to the buyer, one way or another. */
  postPayment: number;
  links: CreditNote['refunds'];
  /** A new refund to make: of this charge, this much. */
  refund: { charge: Charge; amount: number } | undefined;
  creditAmount: number;
  outOfBandAmount: number | null;
}

/** Everything that Stripe checks before it issues a note. Changes nothing. */
export function planCredit(context: Context, invoice: Invoice, sent: SentNote): CreditPlan {
  if (!['open', 'paid', 'uncollectible'].includes(invoice.status ?? '')) {
    throw refused(
      `You can only create credit notes for open or paid invoices. This invoice has a status of ${invoice.status}.`,
      {
        param: 'invoice',
      },
    );
  }
  const lines = planLines(context, invoice, sent);
  const total = sum(lines.map(worth));
  if (total <= 0) throw refused('The total amount of the credit note must be positive.', { param: 'lines' });
  if (sent.lines !== undefined && sent.amount !== undefined && sent.amount !== total) {
    throw refused(`The amount (${sent.amount}) must equal the sum of the lines (${total}).`, { param: 'amount' });
  }
  const links = (sent.refunds ?? []).map((link, index) => planLink(context, invoice, link, `refunds[${index}]`));
  checkCap(context, invoice, total, links);
  const prePayment = invoice.status === 'paid' ? 0 : Math.min(total, invoice.amount_remaining);
  const postPayment = total - prePayment;
  checkAllocation(invoice, sent, links, postPayment);
  checkBalance(context, invoice, sent.credit_amount ?? 0);
  return {
    lines,
    total,
    prePayment,
    postPayment,
    links,
    refund: planRefund(context, invoice, sent.refund_amount ?? 0),
    creditAmount: sent.credit_amount ?? 0,
    outOfBandAmount: sent.out_of_band_amount ?? null,
  };
}

function planLines(context: Context, invoice: Invoice, { amount, lines }: SentNote): NoteLine[] {
  if (lines === undefined || lines.length === 0) {
    if (amount === undefined) {
      throw invalidParam('You must specify one of: amount, lines, or shipping_cost.', 'amount', 'parameter_missing');
    }
    return [creditCustomLine(context, bareAmount(amount), 'amount')];
  }
  const named = lines.flatMap((line) => line.invoice_line_item ?? []);
  const twice = named.find((id, index) => named.indexOf(id) !== index);
  if (twice !== undefined) throw refused(`The invoice line item ${twice} is named more than once.`, { param: 'lines' });
  return lines.map((line, index) =>
    line.type === 'invoice_line_item'
      ? creditInvoiceLine(context, invoice, line, `lines[${index}]`)
      : creditCustomLine(context, line, `lines[${index}]`),
  );
}

/** A note of an amount alone has one line of its own. */
function bareAmount(amount: number): Parameters<typeof creditCustomLine>[1] {
  return {
    amount: undefined,
    description: undefined,
    invoice_line_item: undefined,
    metadata: undefined,
    quantity: 1,
    tax_amounts: undefined,
    tax_rates: undefined,
    type: 'custom_line_item',
    unit_amount: amount,
    unit_amount_decimal: undefined,
  };
}

/** Links a refund that was made before; no money moves. It must be one of the invoice's own payments. */
function planLink(
  context: Context,
  invoice: Invoice,
  sent: NonNullable<SentNote['refunds']>[number],
  param: string,
): CreditNote['refunds'][number] {
  if (sent.refund === undefined) throw missingParam(`${param}[refund]`);
  const refund = context.store.refund.need(sent.refund, `${param}[refund]`);
  if (!refundsOf(context, invoice).includes(refund)) {
    throw refused(`The refund ${refund.id} is not a refund of a payment of this invoice.`, {
      param: `${param}[refund]`,
    });
  }
  if (refund.status === 'failed' || refund.status === 'canceled') {
    throw refused(`The refund ${refund.id} has a status of ${refund.status} and cannot be linked.`, {
      param: `${param}[refund]`,
    });
  }
  const left = refund.amount - linkedAmount(context, refund.id);
  const amount = sent.amount_refunded ?? refund.amount;
  if (amount > left) {
    const message = `The refund ${refund.id} can only be linked with ${left} more; ${amount} was asked for.`;
    throw refused(message, { param: `${param}[amount_refunded]` });
  }
  return { amount_refunded: amount, payment_record_refund: null, refund: refund.id, type: 'refund' };
}

/** The charges that have paid this invoice: none for what was paid out of band. */
function chargesOf(context: Context, invoice: Invoice): Charge[] {
  return paymentsOf(invoice)
    .filter(({ status }) => status === 'paid')
    .flatMap(({ payment }) => {
      const intent = context.store.payment_intent.get(payment.payment_intent ?? '');
      return context.store.charge.get(intent?.latest_charge ?? '') ?? [];
    });
}

function refundsOf(context: Context, invoice: Invoice): Refund[] {
  const charges = chargesOf(context, invoice).map(({ id }) => id);
  return charges.length === 0
    ? []
    : [...context.store.refund.newestFirst(({ charge }) => charge !== null && charges.includes(charge))];
}

/**
 * All notes together never exceed the invoice, and refunds that no note speaks of count as well: "The credit note API subtracts
 * those refund amounts from the maximum creditable amount."
 */
function checkCap(context: Context, invoice: Invoice, total: number, links: CreditNote['refunds']): void {
  const unlinked = refundsOf(context, invoice)
    .filter(({ status }) => status !== 'failed' && status !== 'canceled')
    .map(({ amount, id }) => {
      const now = links.find(({ refund }) => refund === id)?.amount_refunded ?? 0;
      return amount - linkedAmount(context, id) - now;
    });
  const credited = invoice.pre_payment_credit_notes_amount + invoice.post_payment_credit_notes_amount;
  const left = Math.max(0, invoice.total - credited - sum(unlinked));
  if (total > left) {
    const [asked, possible] = [formatAmount(total, invoice.currency), formatAmount(left, invoice.currency)];
    throw refused(
      `The credit note amount (${asked}) is greater than the amount that can still be credited (${possible}).`,
      {
        param: 'amount',
      },
    );
  }
}

/** Since 2019-12-03 nothing is allocated by itself: what is given back must be said to the unit. */
function checkAllocation(invoice: Invoice, sent: SentNote, links: CreditNote['refunds'], postPayment: number): void {
  const allocated =
    sum(links.map(({ amount_refunded }) => amount_refunded)) +
    (sent.refund_amount ?? 0) +
    (sent.credit_amount ?? 0) +
    (sent.out_of_band_amount ?? 0);
  if (allocated === postPayment) return;
  const [given, needed] = [formatAmount(allocated, invoice.currency), formatAmount(postPayment, invoice.currency)];
  const message = `The sum of refunds, refund_amount, credit_amount and out_of_band_amount (${given}) must equal the post-payment amount of the credit note (${needed}).`;
  throw refused(message, { param: 'out_of_band_amount' });
}

function checkBalance(context: Context, invoice: Invoice, amount: number): void {
  const currency = customerOf(context, invoice)?.currency;
  if (amount > 0 && currency != null && currency !== invoice.currency) {
    throw refused(`The customer's balance is in ${currency}, the invoice in ${invoice.currency}.`, {
      param: 'credit_amount',
    });
  }
}

function planRefund(context: Context, invoice: Invoice, amount: number): CreditPlan['refund'] {
  if (amount === 0) return undefined;
  const charge = chargesOf(context, invoice).find((one) => one.amount_captured - one.amount_refunded >= amount);
  if (charge === undefined) {
    throw refused('This invoice has no payment of which this amount can be refunded.', { param: 'refund_amount' });
  }
  return { charge, amount: checkRefund(context, charge, amount) };
}
