import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { sublist } from '../core/lists.ts';
import { mergeMetadata } from '../core/shared-params.ts';
import { changeBalance } from '../customers/balance.ts';
import { customerOf } from '../invoicing/figures.ts';
import { syncDefault } from '../invoicing/invoice-payment.ts';
import type { Invoice } from '../invoicing/lines.ts';
import { settleWithoutPayment } from '../invoicing/settle.ts';
import { mergeDiscounts, mergeTaxes, sum } from '../invoicing/totals.ts';
import type { SentNote } from './credit-note-params.ts';
import { type CreditPlan, planCredit } from './credit-plan.ts';
import { type CreditNote, notesOf, record } from './note-records.ts';
import { createRefund } from './refund.ts';

/** The note that a request would lead to, and its lines; nothing happens. */
export function previewNote(context: Context, invoice: Invoice, sent: SentNote): CreditNote {
  return noteOf(context, invoice, sent, planCredit(context, invoice, sent));
}

/**
 * Issues a note. It first lowers what is left to pay; what was paid already goes back as the request says.
 * Emits `credit_note.created` and `invoice.updated`. Source: https://docs.stripe.com/invoicing/integration/programmatic-credit-notes
 */
export function issueNote(context: Context, invoice: Invoice, sent: SentNote): CreditNote {
  const plan = planCredit(context, invoice, sent);
  const note = noteOf(context, invoice, sent, plan);
  if (plan.refund !== undefined) {
    const { charge, amount } = plan.refund;
    const refund = createRefund(context, charge, { amount });
    note.refunds.push({ amount_refunded: amount, payment_record_refund: null, refund: refund.id, type: 'refund' });
  }
  creditCustomer(context, invoice, note, plan.creditAmount);
  context.store.credit_note.add(note);
  for (const line of plan.lines) context.store.credit_note_line_item.add(line);
  record(invoice, note, plan.lines);
  context.change(invoice, 'invoice.updated', () => {
    invoice.amount_due -= plan.prePayment;
    invoice.amount_remaining -= plan.prePayment;
    invoice.pre_payment_credit_notes_amount += plan.prePayment;
    invoice.post_payment_credit_notes_amount += plan.postPayment;
  });
  context.emit('credit_note.created', note);
  if (invoice.status !== 'paid' && invoice.amount_remaining === 0) settleWithoutPayment(context, invoice);
  else syncDefault(context, invoice);
  return note;
}

function creditCustomer(context: Context, invoice: Invoice, note: CreditNote, amount: number): void {
  const customer = customerOf(context, invoice);
  if (amount === 0 || customer === undefined) return;
  const { currency, id } = invoice;
  const change = { amount: -amount, currency, type: 'credit_note' as const, invoice: id, creditNote: note.id };
  note.customer_balance_transaction = changeBalance(context, customer, change).id;
}

function noteOf(context: Context, invoice: Invoice, sent: SentNote, plan: CreditPlan): CreditNote {
  const { lines, total, prePayment, postPayment } = plan;
  const id = context.id('cn_');
  const taxes = mergeTaxes(lines.flatMap((line) => line.taxes ?? []));
  const inclusive = sum(taxes.filter((tax) => tax.tax_behavior === 'inclusive').map(({ amount }) => amount));
  const discounts = mergeDiscounts(lines.flatMap((line) => line.discount_amounts));
  const subtotal = sum(lines.map(({ amount }) => amount));
  return {
    id,
    object: 'credit_note',
    amount: total,
    amount_shipping: 0,
    created: context.now(),
    currency: invoice.currency,
    customer: invoice.customer ?? '',
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: sum(discounts.map(({ amount }) => amount)),
    discount_amounts: discounts,
    effective_at: sent.effective_at ?? context.now(),
    invoice: invoice.id,
    lines: sublist(lines, `/v1/credit_notes/${id}/lines`),
    livemode: context.livemode,
    memo: sent.memo ?? null,
    metadata: mergeMetadata({}, sent.metadata),
    number: `${invoice.number}-CN-${String(notesOf(invoice).length + 1).padStart(2, '0')}`,
    out_of_band_amount: plan.outOfBandAmount,
    pdf: `${context.home.baseUrl}/credit_note/${context.account.id}/${id}/pdf`,
    post_payment_amount: postPayment,
    pre_payment_amount: prePayment,
    pretax_credit_amounts: discounts.map((one) => ({ ...one, type: 'discount' as const })),
    reason: sent.reason ?? null,
    refunds: [...plan.links],
    shipping_cost: null,
    status: 'issued',
    subtotal,
    subtotal_excluding_tax: subtotal - inclusive,
    total,
    total_excluding_tax: total - sum(taxes.map(({ amount }) => amount)),
    total_taxes: taxes,
    type: prePayment === 0 ? 'post_payment' : postPayment === 0 ? 'pre_payment' : 'mixed',
    voided_at: null,
  };
}

/** "You can void a credit note only if it's on an open invoice": what is due goes up again. */
export function voidNote(context: Context, invoice: Invoice, note: CreditNote): CreditNote {
  if (note.status === 'void') throw refused('This credit note has already been voided.');
  if (invoice.status !== 'open') {
    throw refused('You can only void a credit note if the associated invoice is open.');
  }
  if (note.post_payment_amount > 0) throw refused('You cannot void a credit note that has given money back.');
  context.change(invoice, 'invoice.updated', () => {
    invoice.amount_due += note.pre_payment_amount;
    invoice.amount_remaining += note.pre_payment_amount;
    invoice.pre_payment_credit_notes_amount -= note.pre_payment_amount;
  });
  note.status = 'void';
  note.voided_at = context.now();
  context.emit('credit_note.voided', note);
  syncDefault(context, invoice);
  return note;
}
