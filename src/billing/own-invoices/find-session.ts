import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { asciiAddress } from '../../platform/email-address.ts';
import type { Deps } from '../deps/deps.ts';
import { askPersonOnce } from '../desk/review-items.ts';
import { type AttemptRow, SESSION_HOURS } from './checkout-attempts.ts';
import { findInvoice } from './invoices.ts';

/** An older one can't be paid any more; a minute for unequal clocks. */
const LOOK_BACK_SECONDS = SESSION_HOURS * 3600 + 60;
/** An account with more sessions in that time is not read through. */
const LOOK_AT_MOST = 2_000;

/**
 * The session at Stripe that was made for an attempt, when the key of the attempt does not tell any more. Read from the
 * list, which is consistent, and known by the marks that we gave it. One that has our marks and is not what the attempt
 * would have made is not ours: it is left alone, and a person is told.
 */
export async function findSession(attempt: AttemptRow, deps: Deps): Promise<Stripe.Checkout.Session | undefined> {
  const invoice = await findInvoice(deps.db, attempt.invoice);
  const email = asciiAddress(invoice?.customer_email ?? '');
  // By the customer's address it is a short list; Stripe does not say that a session which nobody has used yet is in it.
  const byAddress = email ? await findAmong({ customer_details: { email } }, attempt, deps) : undefined;
  return byAddress ?? findAmong({}, attempt, deps);
}

async function findAmong(
  filter: Stripe.Checkout.SessionListParams,
  attempt: AttemptRow,
  deps: Deps,
): Promise<Stripe.Checkout.Session | undefined> {
  const created = { gte: toUnix(attempt.created_at) - LOOK_BACK_SECONDS };
  let seen = 0;
  for await (const session of deps.stripe.checkout.sessions.list({ ...filter, created, limit: 100 })) {
    if (isMarked(session, attempt)) {
      if (isMadeFor(session, attempt)) return session;
      await tellOfForeign(session, attempt, deps);
    }
    seen += 1;
    if (seen >= LOOK_AT_MOST) {
      deps.log.warn('too many sessions to look through for a lost one', { invoice: attempt.invoice });
      break;
    }
  }
  return undefined;
}

/** Whoever has the account's key can write our marks; amount, currency and reference must be those of the attempt as well. */
export function isMadeFor(session: Stripe.Checkout.Session, attempt: AttemptRow): boolean {
  return (
    isMarked(session, attempt) &&
    session.mode === 'payment' &&
    session.client_reference_id === attempt.invoice &&
    session.amount_total === attempt.amount &&
    session.currency === attempt.currency
  );
}

function isMarked({ metadata }: Stripe.Checkout.Session, { invoice, attempt }: AttemptRow): boolean {
  return metadata?.quittance_invoice === invoice && metadata?.quittance_attempt === String(attempt);
}

/** Once it is over nobody can pay in it: then there is nothing to tell. */
async function tellOfForeign(session: Stripe.Checkout.Session, attempt: AttemptRow, { db }: Deps): Promise<void> {
  if (session.status !== 'open') return;
  await askPersonOnce(db, {
    kind: 'foreign_session',
    subject: session.id,
    summary: `Checkout Session ${session.id} names invoice ${attempt.invoice}, but is not one that Quittance would have made for it. What is paid there will not make the invoice paid.`,
    details: {
      invoice: attempt.invoice,
      expected: attempt.amount,
      found: session.amount_total,
      currency: attempt.currency,
      found_currency: session.currency,
    },
  });
}
