import type { Context } from '../core/context.ts';
import { minimumCharge } from '../core/currencies.ts';
import { refused } from '../core/errors.ts';
import { HiddenField } from '../core/hidden-field.ts';
import { token } from '../core/ids.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { changeBalance } from '../customers/balance.ts';
import { attemptByItself, planAttempt } from './collect.ts';
import { customerOf, refreshDraft } from './figures.ts';
import { createDefaultIntent, link } from './invoice-payment.ts';
import type { Invoice } from './lines.ts';
import { settleWithoutPayment } from './settle.ts';

type Customer = ObjectTypes['customer'];

const HOUR = 3600;

/** What finalization took from the customer's balance (positive: credit was used up), to be given back by a void. */
const appliedBalances = new HiddenField<Invoice, number>('appliedBalances');

/**
 * Makes a draft a bill: number, links, the customer's balance applied, a default payment intent for what is due. Where nothing
 * is due it is paid at once, whatever auto_advance says.
 * Source: https://docs.stripe.com/invoicing/integration/workflow-transitions
 */
export function finalize(context: Context, invoice: Invoice, autoAdvance?: boolean): Invoice {
  if (invoice.status !== 'draft') {
    throw refused("This invoice is already finalized, you can't re-finalize a non-draft invoice.");
  }
  const customer = customerOf(context, invoice);
  if (customer === undefined) throw refused('The customer of this invoice was deleted.', { param: 'customer' });
  refreshDraft(context, invoice);
  const tooSmall = isTooSmall(invoice);
  const intent = invoice.amount_due === 0 || tooSmall ? undefined : createDefaultIntent(context, invoice);
  context.change(invoice, 'invoice.updated', () => {
    invoice.ending_balance = bookBalance(context, invoice, customer, tooSmall);
    if (tooSmall) {
      invoice.amount_due = 0;
      invoice.amount_remaining = 0;
    }
    issue(context, invoice, customer);
    if (autoAdvance !== undefined) invoice.auto_advance = autoAdvance;
  });
  if (intent !== undefined) link(context, invoice, intent, invoice.amount_due, true);
  context.emit('invoice.finalized', invoice);
  if (intent === undefined) settleWithoutPayment(context, invoice);
  else if (invoice.auto_advance === true) planAttempt(context, invoice, HOUR);
  return invoice;
}

/** "If the invoice's total is smaller than the minimum charge amount … the amount_due may be 0." */
export const isTooSmall = ({ amount_due: due, currency }: Invoice): boolean => due > 0 && due < minimumCharge(currency);

/** Number, date and links. */
export function issue(context: Context, invoice: Invoice, customer: Customer): void {
  const now = context.now();
  invoice.status = 'open';
  invoice.number ??= nextNumber(customer);
  invoice.status_transitions.finalized_at = now;
  invoice.effective_at ??= now;
  invoice.automatically_finalizes_at = null;
  const page = `${context.home.baseUrl}/invoice/${context.account.id}/${token(32)}`;
  invoice.hosted_invoice_url = page;
  invoice.invoice_pdf = `${page}/pdf`;
}

/** PREFIX-0001 and on, without a gap per customer. */
function nextNumber(customer: Customer): string {
  const sequence = customer.next_invoice_sequence ?? 1;
  customer.next_invoice_sequence = sequence + 1;
  return `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`;
}

/**
 * Moves what the invoice takes from the customer's balance or leaves on it. Gives the balance afterwards. The simulated
 * customer has a balance in one currency only: invoices in another one leave it alone.
 */
function bookBalance(context: Context, invoice: Invoice, customer: Customer, tooSmall: boolean): number {
  const { currency, id, starting_balance: before, total } = invoice;
  if (customer.currency != null && customer.currency !== currency) return 0;
  const left = total + before;
  const after = Math.min(0, left);
  const book = (amount: number, type: 'applied_to_invoice' | 'invoice_too_small'): void => {
    if (amount !== 0) changeBalance(context, customer, { amount, currency, type, invoice: id });
  };
  book(after - before, 'applied_to_invoice');
  book(tooSmall ? left : 0, 'invoice_too_small');
  appliedBalances.set(invoice, (tooSmall ? left : after) - before);
  return customer.balance;
}

/** A void gives the customer back what finalization has taken. */
export function giveBalanceBack(context: Context, invoice: Invoice): void {
  const applied = appliedBalances.get(invoice) ?? 0;
  const customer = customerOf(context, invoice);
  if (applied === 0 || customer === undefined) return;
  appliedBalances.delete(invoice);
  const { currency, id } = invoice;
  changeBalance(context, customer, { amount: -applied, currency, type: 'unapplied_from_invoice', invoice: id });
}

/** Stripe waits an hour, and longer for webhooks that have not been received, at most this long. */
const LONGEST_WAIT = 72 * HOUR;

/**
 * A draft that advances by itself is finalized, and collected at once, an hour after its webhooks were delivered, or at the
 * time that it names. Setting `automatically_finalizes_at` to something else calls it off.
 */
export function planFinalization(context: Context, invoice: Invoice, at = context.now() + HOUR): void {
  invoice.automatically_finalizes_at = at;
  context.later(Math.max(0, at - context.now()) * 1000, (later) => advance(later, invoice, at));
}

function advance(context: Context, invoice: Invoice, planned: number): void {
  if (invoice.status !== 'draft' || invoice.automatically_finalizes_at !== planned) return;
  if (webhooksPending(context, invoice) && context.now() < invoice.created + LONGEST_WAIT) {
    planFinalization(context, invoice);
    return;
  }
  invoice.webhooks_delivered_at ??= context.now();
  finalize(context, invoice);
  if (invoice.status === 'open') attemptByItself(context, invoice);
}

function webhooksPending(context: Context, invoice: Invoice): boolean {
  // A test clock moves on without waiting for anybody.
  if (invoice.webhooks_delivered_at !== null || invoice.test_clock !== null) return false;
  const [created] = context.store.event.newestFirst(
    ({ type, data }) => type === 'invoice.created' && 'id' in data.object && data.object.id === invoice.id,
  );
  return created !== undefined && created.pending_webhooks > 0;
}
