import type Stripe from 'stripe';
import { after } from '../../platform/clock.ts';
import { formatMoney } from '../../platform/money.ts';
import { isMissing } from '../../stripe/errors.ts';
import type { Deps } from '../deps/deps.ts';
import { type AttemptRow, insertAttempt, liveAttempt, nextAttemptNumber, SESSION_HOURS } from './checkout-attempts.ts';
import { leadsBackTo, makeSession, pageOf, sessionParams } from './checkout-session.ts';
import { closeAttempt } from './close-checkout.ts';
import { amountsOfInvoice, findInvoice } from './invoices.ts';
import { logPayment } from './payment-log.ts';
import { whyUnpayable, wordsOfRefusal } from './unpayable.ts';

/**
 * *Pay by card*: leads to the one live Checkout Session of an invoice, for exactly what it comes to with the extras that
 * the customer ticked. An open session of the same amount, which leads back to the invoice's page, is used again; another
 * one is closed before a new one is opened.
 */
export type Opened =
  | { readonly end: 'redirect'; readonly url: string }
  /** Nothing to pay now; the page says why. */
  | { readonly end: 'paid' | 'processing' | 'void' | 'checking' }
  /** This choice can't be charged; the sentence tells the customer why, and what to do. */
  | { readonly end: 'unpayable'; readonly sentence: string };

/** A session that is about to expire is not handed out any more. */
const MARGIN_SECONDS = 600;

/**
 * @param ticked ids of optional lines; ids that are not of this invoice count for nothing
 * @throws StripeRefused when an open session should make room, and Stripe does not close it
 */
export async function openCheckout(id: string, ticked: readonly number[], deps: Deps): Promise<Opened> {
  // The first round may find a session that has to make room, the second one that it can't know.
  for (let round = 0; round < 3; round += 1) {
    const claimed = await claimAttempt(id, ticked, deps);
    if ('end' in claimed) return claimed;
    let { attempt } = claimed;
    if (isUsable(claimed, deps.clock())) {
      const used = await useAttempt(claimed, deps);
      if (used.end === 'redirect' || used.end === 'unpayable') return used;
      if (used.end === 'lost') continue;
      attempt = used.attempt;
    }
    const closed = await closeAttempt(attempt, deps);
    switch (closed) {
      case 'paid':
      case 'processing':
        return { end: closed };
      case 'mismatch':
        return { end: 'checking' };
      case 'closed':
        continue;
    }
  }
  throw new Error(`The checkout of invoice ${id} was changed by somebody else at every try: try again.`);
}

interface Claimed {
  readonly attempt: AttemptRow;
  /** Begun just now; else what it asks of Stripe may be out of date. */
  readonly isNew: boolean;
  readonly extras: readonly number[];
  readonly amount: number;
  /** Where the customer has to come back to. */
  readonly page: string;
}

/** The live attempt, or a new one with all that its session is made from, under the lock of the invoice. */
async function claimAttempt(
  id: string,
  ticked: readonly number[],
  { db, publicUrl, clock }: Deps,
): Promise<Claimed | Opened> {
  return db.transaction(async (trx) => {
    const invoice = await findInvoice(trx, id, { lock: true });
    if (!invoice || invoice.status === 'draft' || invoice.status === 'void') return { end: 'void' };
    if (invoice.status === 'paid') return { end: 'paid' };
    const extras = invoice.lines.filter((line) => line.optional && ticked.includes(line.id)).map((line) => line.id);
    const amount = amountsOfInvoice(invoice, extras).gross;
    const live = await liveAttempt(trx, id);
    if (live?.state === 'processing') return { end: 'processing' };
    const sentence = whyUnpayable(invoice, extras);
    if (sentence) return { end: 'unpayable', sentence };
    const page = await pageOf(invoice, { db: trx, publicUrl });
    if (live) return { attempt: live, isNew: false, extras, amount, page };
    const begun = {
      invoice: id,
      attempt: await nextAttemptNumber(trx, id),
      amount,
      currency: invoice.currency,
      extras,
      expiresAt: after(clock(), SESSION_HOURS * 3_600),
    };
    const attempt = await insertAttempt(trx, { ...begun, params: sessionParams(invoice, page, begun) });
    return { attempt, isNew: true, extras, amount, page };
  });
}

function isUsable({ attempt, extras, amount }: Claimed, now: Date): boolean {
  const sameExtras = attempt.extras.length === extras.length && extras.every((extra) => attempt.extras.includes(extra));
  return sameExtras && attempt.amount === amount && attempt.expires_at > after(now, MARGIN_SECONDS);
}

type Used =
  | Extract<Opened, { end: 'redirect' | 'unpayable' }>
  /** It turned out to have no session, and is over. */
  | { readonly end: 'lost' }
  /** Its session has to make room. */
  | { readonly end: 'useless'; readonly attempt: AttemptRow };

async function useAttempt({ attempt, isNew, page }: Claimed, deps: Deps): Promise<Used> {
  if (attempt.stripe_session) {
    const session = await retrieve(attempt.stripe_session, deps.stripe);
    return (session && wayTo(session, page)) ?? { end: 'useless', attempt };
  }
  const made = await makeSession(attempt, deps);
  switch (made.end) {
    case 'refused':
      if (!isNew) return { end: 'lost' };
      return { end: 'unpayable', sentence: wordsOfRefusal(made.code) };
    case 'lost':
      return { end: 'lost' };
    case 'made':
      await logPayment(deps.db, {
        invoice: attempt.invoice,
        kind: 'session_opened',
        key: made.session.id,
        amount: attempt.amount,
        currency: attempt.currency,
        session: made.session.id,
        text: `The payment page was opened for ${formatMoney(attempt)}.`,
      });
      return wayTo(made.session, page) ?? { end: 'useless', attempt: { ...attempt, stripe_session: made.session.id } };
  }
}

/** Only an open session can be paid, and only one that leads back to the page is of use to the customer. */
function wayTo(session: Stripe.Checkout.Session, page: string): Used | undefined {
  const { status, url } = session;
  return status === 'open' && url && leadsBackTo(page, session) ? { end: 'redirect', url } : undefined;
}

/** @returns undefined when Stripe knows no such session */
async function retrieve(id: string, stripe: Stripe): Promise<Stripe.Checkout.Session | undefined> {
  try {
    return await stripe.checkout.sessions.retrieve(id);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
