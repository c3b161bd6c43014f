import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { isMissing } from '../../stripe/errors.ts';
import type { Payment } from '../../stripe/payment.ts';
import { customerParams } from './document-customer.ts';
import { GuardFailed, markOf, recordFinalized, refuseWrongDraft, type StepContext } from './invoice-steps.ts';
import { settleAsPaid } from './pay-invoice.ts';
import { advance, beginAnew, type Claim } from './payment-invoices.ts';

/**
 * Whether to look before writing: somebody began this claim, or the payment is so old that the keys of an earlier
 * deployment (whose database may be lost) would have expired. Keys live at least 24 h; an hour is kept as margin.
 */
export function mustLookFirst(claim: Claim, payment: Payment, now: Date): boolean {
  const KEYS_LIVE_SECONDS = 23 * 3600;
  return claim.tried_at !== null || toUnix(now) - payment.intent.created > KEYS_LIVE_SECONDS;
}

/**
 * Somebody began this claim and did not finish: what was stored may be one write behind what Stripe has done, and the
 * idempotency keys may have expired (24 h). So the truth is read before anything is written: stored id first, else the
 * list (which is consistent; search is not) and our metadata.
 */
export async function resumeClaim(claim: Claim, context: StepContext): Promise<Claim> {
  const { db, lease, stripe } = context;
  if (!claim.stripe_invoice) return findWhatWasMade(claim, context);

  const invoice = await retrieve(stripe, claim.stripe_invoice);
  // Deleted: by the guard just before the process died, or by hand.
  if (!invoice) return beginAnew(db, lease, claim, claim.bill_to);
  return adopt(claim, invoice, context);
}

/**
 * Whom an earlier try has billed depended on the buyer's balance at that time, and what we stored of it may be lost with a
 * database or older than a backup: so the invoice is looked for under everybody who comes into question.
 */
async function findWhatWasMade(claim: Claim, context: StepContext): Promise<Claim> {
  const { db, lease, stripe, payment } = context;
  const buyer = payment.customer?.id;
  const madeForIt = await customersMadeFor(claim, context);
  const billed = [claim.customer, buyer, ...madeForIt].filter((id) => typeof id === 'string');
  for (const customer of new Set(billed)) {
    const made = stripe.invoices.list({ customer, created: { gte: since(payment) }, limit: 100 });
    for await (const invoice of made) {
      // A voided one was given up on purpose: a customer's balance had been applied to it.
      if (!isOurs(invoice.metadata, claim) || invoice.status === 'void') continue;
      const billTo = customer === buyer ? 'buyer' : buyer ? 'stand_in' : 'guest';
      const found = { step: 'drafted', stripe_invoice: invoice.id, customer, bill_to: billTo } as const;
      return adopt(await advance(db, lease, claim, found), invoice, context);
    }
  }
  const [own] = madeForIt;
  return !claim.customer && claim.bill_to !== 'buyer' && own ? advance(db, lease, claim, { customer: own }) : claim;
}

async function customersMadeFor(claim: Claim, { stripe, payment, recipient }: StepContext): Promise<string[]> {
  const { email } = customerParams(payment, markOf(claim), recipient);
  const customers = stripe.customers.list({
    created: { gte: since(payment) },
    limit: 100,
    ...(email ? { email } : {}),
  });
  const made: string[] = [];
  for await (const { id, metadata } of customers) if (isOurs(metadata, claim)) made.push(id);
  return made;
}

function isOurs(metadata: Stripe.Metadata | null, claim: Claim): boolean {
  const { made_by, payment_intent, reverses } = markOf(claim);
  return (
    metadata?.made_by === made_by && metadata?.payment_intent === payment_intent && metadata?.reverses === reverses
  );
}

/** Nothing made for a payment is older than the payment; a minute for unequal clocks. Seconds, as Stripe counts. */
function since(payment: Payment): number {
  return payment.intent.created - 60;
}

async function adopt(claim: Claim, invoice: Stripe.Invoice, context: StepContext): Promise<Claim> {
  const { db, lease } = context;
  switch (invoice.status) {
    case 'draft': {
      if (invoice.lines.data.length === 0) return advance(db, lease, claim, { step: 'drafted' });
      await refuseWrongDraft(claim, invoice, context);
      return advance(db, lease, claim, { step: 'lined' });
    }
    case 'open':
      return claim.step === 'finalized' ? claim : recordFinalized(claim, invoice, context);
    case 'paid':
      return settleAsPaid(await recordFinalized(claim, invoice, context), invoice, context);
    case 'void':
      // We void only what a customer balance was applied to; then a stand-in is billed instead.
      if ((invoice.starting_balance ?? 0) !== 0) return beginAnew(db, lease, claim, 'stand_in');
      throw voided(invoice, 'voided');
    default:
      throw voided(invoice, String(invoice.status));
  }
}

function voided(invoice: Stripe.Invoice, what: string): GuardFailed {
  return new GuardFailed(
    'invoice_changed_by_hand',
    `Invoice ${invoice.number} of this payment was ${what} before it could be marked paid. Decide whether the payment needs another.`,
    { invoice: invoice.id, status: invoice.status },
  );
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Invoice | undefined> {
  try {
    return await stripe.invoices.retrieve(id);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
