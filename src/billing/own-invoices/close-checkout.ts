import type Stripe from 'stripe';
import { StripeRefused } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { isRefusal } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { type AttemptRow, liveAttempt, moveAttempt } from './checkout-attempts.ts';
import { makeSession } from './checkout-session.ts';
import { confirmCheckout } from './confirm-checkout.ts';

/**
 * Makes sure that no Checkout Session of an invoice can be paid any more. If one was paid in the meantime, that is
 * confirmed instead.
 */
export type Closed = 'closed' | 'paid' | 'processing' | 'mismatch';

/** @throws StripeRefused when the session is open, and Stripe does not close it */
export async function closeCheckout(invoice: string, deps: Deps): Promise<Closed> {
  const attempt = await liveAttempt(deps.db, invoice);
  return attempt ? closeAttempt(attempt, deps) : 'closed';
}

/** @throws StripeRefused when the session is open, and Stripe does not close it */
export async function closeAttempt(attempt: AttemptRow, deps: Deps): Promise<Closed> {
  const session = attempt.stripe_session ?? (await sessionWithoutRecord(attempt, deps));
  if (!session) return 'closed';
  const refusal = await expire(session, deps.stripe);
  if (refusal === undefined) {
    await moveAttempt(deps.db, attempt.id, 'expired');
    return 'closed';
  }
  // Most likely it is not open any more. The refusal does not say what it is: the session itself does.
  const found = await confirmCheckout(session, deps);
  switch (found.end) {
    case 'paid':
    case 'unapplied':
      return 'paid';
    case 'processing':
      return 'processing';
    case 'mismatch':
      return 'mismatch';
    case 'failed':
    case 'expired':
      return 'closed';
    case 'unknown':
      // Stripe has no such session: it is of an account that our key was of before.
      await moveAttempt(deps.db, attempt.id, 'expired');
      return 'closed';
    case 'open':
      throw new StripeRefused(
        `Stripe did not close the payment page ${session}, which can still be paid: ${refusal} Close it in the Stripe Dashboard, or try again later.`,
      );
  }
}

/** Its creation did not come to an end, or its answer was lost: asked again under its key, it can be closed like any other. */
async function sessionWithoutRecord(attempt: AttemptRow, deps: Deps): Promise<string | undefined> {
  if (attempt.expires_at < deps.clock()) {
    await moveAttempt(deps.db, attempt.id, 'expired');
    return undefined;
  }
  const made = await makeSession(attempt, deps);
  return made.end === 'made' ? made.session.id : undefined;
}

/** @returns why Stripe refuses; undefined when it is closed now */
async function expire(session: string, stripe: Stripe): Promise<string | undefined> {
  try {
    await stripe.checkout.sessions.expire(session);
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return messageOf(error);
    throw error;
  }
}
