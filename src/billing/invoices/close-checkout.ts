import type Stripe from 'stripe';
import { isRefusal } from '../../stripe/errors.ts';
import type { Deps } from '../deps.ts';
import { type AttemptRow, liveAttempt, moveAttempt } from './checkout-attempts.ts';
import { createSession } from './checkout-session.ts';
import { confirmCheckout } from './confirm-checkout.ts';
import { findInvoice } from './invoices.ts';

/**
 * Makes sure that no Checkout Session of an invoice can be paid any more. If one was paid in the meantime, that is
 * confirmed instead.
 */
export type Closed = 'closed' | 'paid' | 'processing' | 'mismatch';

export async function closeCheckout(invoice: string, deps: Deps): Promise<Closed> {
  const attempt = await liveAttempt(deps.db, invoice);
  return attempt ? closeAttempt(attempt, deps) : 'closed';
}

export async function closeAttempt(attempt: AttemptRow, deps: Deps): Promise<Closed> {
  const session = attempt.stripe_session ?? (await sessionWithoutRecord(attempt, deps));
  if (!session || (await expire(session, deps.stripe))) {
    await moveAttempt(deps.db, attempt.id, 'expired');
    return 'closed';
  }
  const found = await confirmCheckout(session, deps);
  switch (found.end) {
    case 'paid':
    case 'unapplied':
      return 'paid';
    case 'processing':
      return 'processing';
    case 'mismatch':
      return 'mismatch';
    default:
      await moveAttempt(deps.db, attempt.id, 'expired');
      return 'closed';
  }
}

/** Its creation did not come to an end, or its answer was lost: asked again under its key, it can be closed like any other. */
async function sessionWithoutRecord(attempt: AttemptRow, deps: Deps): Promise<string | undefined> {
  const invoice = await findInvoice(deps.db, attempt.invoice);
  if (!invoice || attempt.expires_at.getTime() < Date.now()) return undefined;
  return (await createSession(attempt, invoice, deps)).id;
}

/** @returns false when it is not open any more: only open sessions can be expired */
async function expire(session: string, stripe: Stripe): Promise<boolean> {
  try {
    await stripe.checkout.sessions.expire(session);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}
