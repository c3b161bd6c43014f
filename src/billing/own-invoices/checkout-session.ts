import type Stripe from 'stripe';
import { toUnix } from '../../platform/clock.ts';
import { asciiAddress } from '../../platform/email-address.ts';
import { bug } from '../../platform/errors.ts';
import { messageOf } from '../../platform/log.ts';
import { isKeyOfOtherRequest, isRefusal, isReplayedFailure } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { type AttemptRow, endRefused, keepParams, recordSession, type SessionParams } from './checkout-attempts.ts';
import { findSession } from './find-session.ts';
import { findInvoice, type OwnInvoice } from './invoices.ts';
import { tokenOf } from './public-link.ts';

/** The Checkout Session of an attempt, made from what is stored with the attempt: asking again asks the same. */
export type Made =
  | { readonly end: 'made'; readonly session: Stripe.Checkout.Session }
  /** There is no session, and the attempt is over: the same would be refused again. `code` is Stripe's. */
  | { readonly end: 'refused'; readonly code: string | undefined }
  /** There is no session, and the attempt is over: another one, with a key of its own, may be begun. */
  | { readonly end: 'lost' };

export async function makeSession(attempt: AttemptRow, deps: Deps): Promise<Made> {
  const { db, stripe } = deps;
  try {
    const params = attempt.session_params ?? (await paramsOfOlderRelease(attempt, deps));
    const session = await stripe.checkout.sessions.create(params, {
      idempotencyKey: `quittance:checkout:${attempt.invoice}:${attempt.attempt}`,
    });
    await recordSession(db, attempt.id, session.id, session.url);
    return { end: 'made', session };
  } catch (error) {
    // Had an earlier try made a session, this one would have been answered with it.
    if (isRefusal(error)) {
      await endRefused(db, attempt.id, messageOf(error));
      return { end: 'refused', code: error.code };
    }
    // The key was used for other parameters (by an older release, or before this database was restored from a backup), or
    // its stored answer is a failure: what there is can only be looked up.
    if (!isKeyOfOtherRequest(error) && !isReplayedFailure(error)) throw error;
    const session = await findSession(attempt, deps);
    if (session) {
      await recordSession(db, attempt.id, session.id, session.url);
      return { end: 'made', session };
    }
    await endRefused(db, attempt.id, messageOf(error));
    return { end: 'lost' };
  }
}

/** Where the customer comes from and goes back to. */
export async function pageOf(
  invoice: Pick<OwnInvoice, 'id' | 'link_version'>,
  { db, publicUrl }: Pick<Deps, 'db' | 'publicUrl'>,
): Promise<string> {
  return `${publicUrl}/i/${await tokenOf(db, invoice)}`;
}

/** Whether who pays in this session comes back to this page: the link may have been renewed, or the public URL changed. */
export function leadsBackTo(page: string, session: Stripe.Checkout.Session): boolean {
  return session.success_url?.startsWith(`${page}/return?`) ?? false;
}

export function sessionParams(
  invoice: OwnInvoice,
  page: string,
  { attempt, amount, currency, expiresAt }: { attempt: number; amount: number; currency: string; expiresAt: Date },
): SessionParams {
  const mark = { quittance_invoice: invoice.id, quittance_attempt: String(attempt) };
  const name = `Invoice ${invoice.number ?? bug(`invoice ${invoice.id} has no number`)}`;
  const email = asciiAddress(invoice.customer_email ?? '');
  return {
    mode: 'payment',
    client_reference_id: invoice.id,
    line_items: [{ quantity: 1, price_data: { currency, unit_amount: amount, product_data: { name } } }],
    // The session's metadata is not copied to the payment intent: both are marked.
    metadata: mark,
    payment_intent_data: { metadata: mark, description: name },
    ...(email ? { customer_email: email } : {}),
    success_url: `${page}/return?session_id={CHECKOUT_SESSION_ID}`,
    cancel_url: page,
    expires_at: toUnix(expiresAt),
    // The customer pays in the invoice's currency and this very amount.
    adaptive_pricing: { enabled: false },
  };
}

/** As that release would compute them now; kept, so that whoever asks next asks the same. */
async function paramsOfOlderRelease(attempt: AttemptRow, deps: Deps): Promise<SessionParams> {
  const invoice = (await findInvoice(deps.db, attempt.invoice)) ?? bug(`invoice ${attempt.invoice} is gone`);
  const params = sessionParams(invoice, await pageOf(invoice, deps), { ...attempt, expiresAt: attempt.expires_at });
  return keepParams(deps.db, attempt.id, params);
}
