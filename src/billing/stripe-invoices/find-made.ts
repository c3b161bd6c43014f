import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { HELD_AT_MOST_SECONDS } from '../../platform/lease.ts';
import { retrieveInvoice } from '../../stripe/our-documents.ts';
import type { Payment } from '../../stripe/payment.ts';
import { customerParams } from './document-customer.ts';
import { markOf, type StepContext } from './invoice-steps.ts';
import type { Look } from './look-first.ts';
import type { Claim } from './payment-invoices.ts';

/**
 * Looks for what was made for a payment, in a few requests however much else there is at Stripe. By lists and our marks: lists
 * are consistent, search is not.
 *
 * A claim stores its customer before the draft is made, so what its own tries have made is an invoice of that customer, or
 * else a customer at the most. What an earlier installation has made may be billed to anybody who comes into question.
 */
export async function findMade(claim: Claim, look: Look, context: StepContext): Promise<Made> {
  const { payment } = context;
  const attached = payment.documents.find(({ madeFor }) => madeFor === claim.payment_intent && !claim.reverses);
  const made = await customersMadeFor(claim, context);
  const billed = [claim.customer, payment.customer?.id, ...made.ids].filter((id) => typeof id === 'string');
  const invoice =
    (attached && (await standing(attached.invoice, claim, context))) ??
    (await amongInvoicesOf([...new Set(billed)], claim, look, context)) ??
    (made.sure || look !== 'everything' ? undefined : await amongEarlier(claim, context));
  if (invoice) {
    const customer = idOf(invoice.customer);
    const buyer = payment.customer?.id;
    const billTo = customer === buyer ? 'buyer' : buyer ? 'stand_in' : 'guest';
    return { invoice, change: { step: 'drafted', stripe_invoice: invoice.id, customer, bill_to: billTo } };
  }
  const [own] = made.ids;
  return !claim.customer && claim.bill_to !== 'buyer' && own ? { change: { customer: own } } : {};
}

export interface Made {
  readonly invoice?: Stripe.Invoice;
  /** What the claim must note of it. */
  readonly change?: Partial<Pick<Claim, 'step' | 'stripe_invoice' | 'customer' | 'bill_to'>>;
}

interface CustomersMade {
  readonly ids: readonly string[];
  /** Whether there can be no others, and so no invoice of another one. */
  readonly sure: boolean;
}

/** One page: without an e-mail, of the minutes of the last try. More of them can only hide a customer without any invoice. */
async function customersMadeFor(claim: Claim, { stripe, payment, recipient }: StepContext): Promise<CustomersMade> {
  const { email } = customerParams(payment, markOf(claim), recipient);
  const created = email ? { gte: since(payment) } : minutesOfTry(claim);
  if (!created) return { ids: [], sure: false };
  const page = await stripe.customers.list({ created, limit: 100, ...(email ? { email } : {}) });
  const ids = page.data.filter(({ metadata }) => isOurs(metadata, claim)).map(({ id }) => id);
  return { ids, sure: email !== undefined && !page.has_more };
}

/** Stripe's and ours. */
const CLOCKS_DIFFER_SECONDS = 60;

/** What the tries before it have made was found when it began, and it ended with the lease on its payment. */
function minutesOfTry({ tried_at }: Claim): Stripe.RangeQueryParam | undefined {
  if (!tried_at) return undefined;
  return {
    gte: toUnix(tried_at) - CLOCKS_DIFFER_SECONDS,
    lte: toUnix(tried_at) + HELD_AT_MOST_SECONDS + CLOCKS_DIFFER_SECONDS,
  };
}

async function amongInvoicesOf(
  customers: readonly string[],
  claim: Claim,
  look: Look,
  context: StepContext,
): Promise<Stripe.Invoice | undefined> {
  const { stripe, payment } = context;
  for (const customer of customers) {
    const page = await stripe.invoices.list({ customer, created: { gte: since(payment) }, limit: 100 });
    const found = page.data.find((invoice) => isStanding(invoice, claim));
    if (found) return found;
    // Too many to list them for each of his payments.
    if (page.has_more) {
      const own = await ofLastTry(customer, claim, context);
      return own || look !== 'everything' ? own : amongEarlier(claim, context);
    }
  }
  return undefined;
}

async function ofLastTry(customer: string, claim: Claim, { stripe }: StepContext): Promise<Stripe.Invoice | undefined> {
  const created = minutesOfTry(claim);
  if (!created) return undefined;
  for await (const invoice of stripe.invoices.list({ customer, created, limit: 100 })) {
    if (isStanding(invoice, claim)) return invoice;
  }
  return undefined;
}

async function amongEarlier(claim: Claim, context: StepContext): Promise<Stripe.Invoice | undefined> {
  for (const id of await context.earlier.madeFor(markOf(claim), since(context.payment))) {
    const invoice = await standing(id, claim, context);
    if (invoice) return invoice;
  }
  return undefined;
}

async function standing(id: string, claim: Claim, { stripe }: StepContext): Promise<Stripe.Invoice | undefined> {
  const invoice = await retrieveInvoice(stripe, id);
  return invoice && isStanding(invoice, claim) ? invoice : undefined;
}

/** A voided one was given up on purpose: a customer's balance had been applied to it. */
function isStanding({ metadata, status }: Stripe.Invoice, claim: Claim): boolean {
  return status !== 'void' && isOurs(metadata, claim);
}

function isOurs(metadata: Stripe.Metadata | null, claim: Claim): boolean {
  const { made_by, payment_intent, reverses } = markOf(claim);
  return (
    metadata?.made_by === made_by && metadata?.payment_intent === payment_intent && metadata?.reverses === reverses
  );
}

/** Nothing made for a payment is older than the payment. Seconds, as Stripe counts. */
function since(payment: Payment): number {
  return payment.intent.created - CLOCKS_DIFFER_SECONDS;
}

function idOf(customer: Stripe.Invoice['customer']): string | null {
  return typeof customer === 'string' ? customer : (customer?.id ?? null);
}
