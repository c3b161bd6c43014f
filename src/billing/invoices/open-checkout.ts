import { formatMoney } from '../../platform/money.ts';
import type { Deps } from '../deps.ts';
import { type AttemptRow, insertAttempt, liveAttempt } from './checkout-attempts.ts';
import { createSession } from './checkout-session.ts';
import { closeAttempt } from './close-checkout.ts';
import { amountsOfInvoice, findInvoice, type OwnInvoice } from './invoices.ts';
import { logPayment } from './payment-log.ts';

/**
 * *Pay by card*: leads to the one live Checkout Session of an invoice, for exactly what it comes to with the extras that
 * the customer ticked. An open session of the same amount is used again; another one is closed before a new one is opened.
 */
export type Opened =
  | { readonly end: 'redirect'; readonly url: string }
  /** Nothing to pay now; the page says why. */
  | { readonly end: 'paid' | 'processing' | 'void' | 'checking' };

/** Stripe takes 30 minutes to 24 hours. */
const SESSION_HOURS = 12;
/** A session that is about to expire is not handed out any more. */
const MARGIN_MS = 10 * 60_000;

/** @param ticked ids of optional lines; ids that are not of this invoice count for nothing */
export async function openCheckout(id: string, ticked: readonly number[], deps: Deps): Promise<Opened> {
  // Twice: the first round may find a session that has to make room.
  for (let round = 0; round < 3; round += 1) {
    const claimed = await claimAttempt(id, ticked, deps);
    if ('end' in claimed) return claimed;
    const { attempt, invoice, extras } = claimed;
    if (isUsable(attempt, extras, claimed.amount)) {
      const url = await urlOf(attempt, invoice, deps);
      if (url) return { end: 'redirect', url };
    }
    const closed = await closeAttempt(attempt, deps);
    if (closed === 'paid') return { end: 'paid' };
    if (closed === 'processing') return { end: 'processing' };
    if (closed === 'mismatch') return { end: 'checking' };
  }
  throw new Error(`The checkout of invoice ${id} was changed by somebody else at every try: try again.`);
}

interface Claimed {
  readonly attempt: AttemptRow;
  readonly invoice: OwnInvoice;
  readonly extras: readonly number[];
  readonly amount: number;
}

/** The live attempt, or a new one, under the lock of the invoice. */
async function claimAttempt(id: string, ticked: readonly number[], { db }: Deps): Promise<Claimed | Opened> {
  return db.transaction(async (trx) => {
    const invoice = await findInvoice(trx, id, { lock: true });
    if (!invoice || invoice.status === 'draft' || invoice.status === 'void') return { end: 'void' };
    if (invoice.status === 'paid') return { end: 'paid' };
    const extras = invoice.lines.filter((line) => line.optional && ticked.includes(line.id)).map((line) => line.id);
    const amount = amountsOfInvoice(invoice, extras).gross;
    const live = await liveAttempt(trx, id);
    if (live?.state === 'processing') return { end: 'processing' };
    if (live) return { attempt: live, invoice, extras, amount };
    const expiresAt = new Date(Date.now() + SESSION_HOURS * 3_600_000);
    const attempt = await insertAttempt(trx, { invoice: id, amount, currency: invoice.currency, extras, expiresAt });
    return { attempt, invoice, extras, amount };
  });
}

function isUsable(attempt: AttemptRow, extras: readonly number[], amount: number): boolean {
  const sameExtras = attempt.extras.length === extras.length && extras.every((extra) => attempt.extras.includes(extra));
  return sameExtras && attempt.amount === amount && attempt.expires_at.getTime() > Date.now() + MARGIN_MS;
}

/** @returns undefined when the session is not open any more */
async function urlOf(attempt: AttemptRow, invoice: OwnInvoice, deps: Deps): Promise<string | undefined> {
  if (attempt.stripe_session) {
    const session = await deps.stripe.checkout.sessions.retrieve(attempt.stripe_session);
    return session.status === 'open' ? (session.url ?? undefined) : undefined;
  }
  const session = await createSession(attempt, invoice, deps);
  await logPayment(deps.db, {
    invoice: invoice.id,
    kind: 'session_opened',
    key: session.id,
    amount: attempt.amount,
    currency: attempt.currency,
    session: session.id,
    text: `The payment page was opened for ${formatMoney(attempt)}.`,
  });
  return session.url ?? undefined;
}
