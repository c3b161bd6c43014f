import type { Context } from '../core/context.ts';
import { refused } from '../core/errors.ts';
import { bool, type Params, string, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { takePaymentMethod } from '../payments/payment-method.ts';
import { attachIntent } from './attach.ts';
import { charge, methodFor } from './collect.ts';
import { finalize, giveBalanceBack } from './finalize.ts';
import { cancelDefault } from './invoice-payment.ts';
import { inTimeOfInvoice } from './invoices.ts';
import type { Invoice } from './lines.ts';
import { payOutOfBand } from './settle.ts';

const payShape = {
  forgive: unsimulated(),
  mandate: unsimulated(),
  off_session: bool(),
  paid_out_of_band: bool(),
  payment_method: string(),
  source: unsimulated(),
} as const;

function pay(context: Context, invoice: Invoice, params: Params<typeof payShape>): Invoice {
  if (invoice.status === 'paid') throw refused('Invoice is already paid');
  if (invoice.status === 'void') throw refused('This invoice can no longer be paid.');
  const named = params.payment_method;
  const method = named === undefined ? undefined : takePaymentMethod(context, named, 'payment_method');
  if (method !== undefined && method.customer !== null && method.customer !== invoice.customer) {
    throw refused('The payment method belongs to another customer than the invoice.', { param: 'payment_method' });
  }
  // "Stripe automatically finalizes drafts before … attempting payment."
  if (invoice.status === 'draft') finalize(context, invoice);
  if (isPaid(invoice)) return invoice;
  if (params.paid_out_of_band === true) {
    payOutOfBand(context, invoice);
    return invoice;
  }
  const used = method ?? methodFor(context, invoice);
  if (used === undefined) {
    const message =
      'There is no `default_payment_method` set on this Customer or Invoice. Please set one, or pass a payment_method.';
    throw refused(message, { code: 'resource_missing', param: 'payment_method' });
  }
  charge(context, invoice, used);
  return invoice;
}

/** Asked anew after finalization, which may have paid it: a call so that the compiler does not remember the old answer. */
const isPaid = (invoice: Invoice): boolean => invoice.status === 'paid';

export function voidInvoice(context: Context, invoice: Invoice): Invoice {
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw refused("You can only pass in open invoices. This invoice isn't open.");
  }
  if (invoice.amount_paid > 0) throw refused('You cannot void an invoice that has been partially paid.');
  cancelDefault(context, invoice, 'void_invoice');
  giveBalanceBack(context, invoice);
  context.change(invoice, 'invoice.updated', () => {
    invoice.status = 'void';
    invoice.auto_advance = false;
    invoice.next_payment_attempt = null;
    invoice.status_transitions.voided_at = context.now();
  });
  context.emit('invoice.voided', invoice);
  return invoice;
}

type Forgiven = NonNullable<NonNullable<Invoice['status_details']>['uncollectible']>['reason'];

export function markUncollectible(context: Context, invoice: Invoice, reason: Forgiven = 'user_forgiven'): Invoice {
  if (invoice.status !== 'open') throw refused("You can only pass in open invoices. This invoice isn't open.");
  context.change(invoice, 'invoice.updated', () => {
    invoice.status = 'uncollectible';
    invoice.status_details = { uncollectible: { reason } };
    invoice.auto_advance = false;
    invoice.next_payment_attempt = null;
    invoice.status_transitions.marked_uncollectible_at = context.now();
  });
  context.emit('invoice.marked_uncollectible', invoice);
  return invoice;
}

function send(context: Context, invoice: Invoice): Invoice {
  if (invoice.collection_method !== 'send_invoice') {
    throw refused("You can only manually send an invoice if its collection method is 'send_invoice'.");
  }
  if (invoice.status === 'void') throw refused('You cannot send a voided invoice.');
  if (invoice.status === 'draft') finalize(context, invoice);
  // No mail leaves the simulator, as none leaves a sandbox.
  context.emit('invoice.sent', invoice);
  return invoice;
}

/** https://docs.stripe.com/invoicing/integration/workflow-transitions */
export const invoiceActions: Resource = {
  expansions: {},
  routes: [
    route('POST', '/v1/invoices/{id}/finalize', { auto_advance: bool() }, (context, params, { id }) =>
      finalize(...inTimeOfInvoice(context, id), params.auto_advance),
    ),
    route('POST', '/v1/invoices/{id}/pay', payShape, (context, params, { id }) =>
      pay(...inTimeOfInvoice(context, id), params),
    ),
    route(
      'POST',
      '/v1/invoices/{id}/attach_payment',
      { payment_intent: string(), payment_record: unsimulated() },
      (context, params, { id }) => attachIntent(...inTimeOfInvoice(context, id), params.payment_intent),
    ),
    route('POST', '/v1/invoices/{id}/void', {}, (context, _params, { id }) =>
      voidInvoice(...inTimeOfInvoice(context, id)),
    ),
    route('POST', '/v1/invoices/{id}/mark_uncollectible', {}, (context, _params, { id }) =>
      markUncollectible(...inTimeOfInvoice(context, id)),
    ),
    route('POST', '/v1/invoices/{id}/send', {}, (context, _params, { id }) => send(...inTimeOfInvoice(context, id))),
  ],
};
