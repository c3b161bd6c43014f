import type Stripe from 'stripe';
import { isRefusal } from '../../stripe/errors.ts';
import { documentOf, paidBy } from '../../stripe/our-documents.ts';
import { touchedBalance } from './guards.ts';
import { GuardFailed, keyOf, type StepContext, write } from './invoice-steps.ts';
import { type Claim, invoiceOf, type Settlement, settle } from './payment-invoices.ts';

/** The last step: the invoice is marked paid, and settled as what has paid it. */
export async function payInvoice(claim: Claim, context: StepContext): Promise<Claim> {
  const { lease, stripe } = context;
  const { invoice, settlement } = await markPaid(claim, context);
  if (invoice.status !== 'paid' || touchedBalance(invoice)) {
    const now = await stripe.invoices.retrieve(invoice.id);
    if (now.status !== 'paid' || touchedBalance(now)) {
      throw new GuardFailed(`Invoice ${now.number} should be paid, but is ${now.status}.`, {
        kind: 'invoice_not_settled',
        details: {
          invoice: now.id,
          amount_paid: now.amount_paid,
          amount_remaining: now.amount_remaining,
          currency: now.currency,
        },
      });
    }
  }
  return settlement ? settle(context, lease, claim, invoice, settlement) : settleAsPaid(claim, invoice, context);
}

/** Takes an invoice that was found paid for what it is: by us, in a try whose answer was lost, or by somebody else as well. */
export async function settleAsPaid(claim: Claim, invoice: Stripe.Invoice, context: StepContext): Promise<Claim> {
  const { lease, stripe } = context;
  const payments = await paidBy(invoice.id, stripe);
  const others = payments.filter((payment) => payment !== claim.payment_intent);
  const attached = payments.length > others.length;
  const settlement = others.length > 0 ? 'second_payment' : attached ? 'attached' : 'out_of_band';
  const document = documentOf(invoice);
  const again = document ? others.map((payment) => ({ payment, document })) : [];
  return settle(context, lease, claim, invoice, settlement, again);
}

/** @property settlement undefined: it was paid already, and not in this try */
interface Marked {
  readonly invoice: Stripe.Invoice;
  readonly settlement?: Settlement;
}

async function markPaid(claim: Claim, context: StepContext): Promise<Marked> {
  const { stripe, payment, settlement } = context;
  const id = invoiceOf(claim);
  if (settlement === 'attach' && payment.customer?.id === claim.customer) {
    try {
      const attached = await write(claim, context, () =>
        stripe.invoices.attachPayment(id, { payment_intent: claim.payment_intent }, keyOf(claim, 'attach')),
      );
      if (attached.status === 'paid') return { invoice: attached, settlement: 'attached' };
    } catch (error) {
      // Stripe refuses some payment intents (another customer, another invoice's); out of band is always true to the fact.
      if (!isRefusal(error)) throw error;
    }
  }
  try {
    const invoice = await write(claim, context, () =>
      stripe.invoices.pay(id, { paid_out_of_band: true }, keyOf(claim, 'pay')),
    );
    return { invoice, settlement: 'out_of_band' };
  } catch (error) {
    const invoice = isRefusal(error) ? await stripe.invoices.retrieve(id) : undefined;
    if (invoice?.status !== 'paid') throw error;
    return { invoice };
  }
}
