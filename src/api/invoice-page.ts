import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import helmet from 'helmet';
import type { Redis } from 'ioredis';
import type { Deps } from '../billing/deps/deps.ts';
import { attemptOfSession, latestAttempt } from '../billing/own-invoices/checkout-attempts.ts';
import { confirmCheckout } from '../billing/own-invoices/confirm-checkout.ts';
import { findInvoice, type OwnInvoice } from '../billing/own-invoices/invoices.ts';
import { openCheckout } from '../billing/own-invoices/open-checkout.ts';
import { paymentLogOf } from '../billing/own-invoices/payment-log.ts';
import { idInToken, isTokenOf, wasTokenOf } from '../billing/own-invoices/public-link.ts';
import { told } from '../billing/told.ts';
import type { Business } from '../platform/business.ts';
import { dayIn } from '../platform/business-day.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { InvoicePage, type InvoicePageProps } from '../views/invoice/invoice-page.tsx';
import { outcomeOf, RenewedPage } from '../views/invoice/renewed-page.tsx';
import { html } from '../views/page.tsx';
import { noSuchPage } from '../views/plain-page.tsx';
import { BODY_LIMITS } from './http/body-limits.ts';
import { pageLimits } from './http/page-limits.ts';

/**
 * The public page of an own invoice: `/i/TOKEN`, *Pay by card*, and the way back from the payment page. What a browser
 * says is never believed: the total is computed here, and whether it was paid is asked of Stripe.
 */
export interface InvoicePageDeps {
  readonly billing: Deps;
  readonly business: Business;
  readonly redis: Redis;
  readonly prefix: string;
  readonly log: Log;
  readonly checkoutOrigins: readonly string[];
}

const PROBLEMS = {
  unreachable:
    'The payment page could not be opened just now; this try has charged nothing. Please try again in a few minutes.',
  stillOpen:
    'The payment page that was opened before could not be closed, so no other can be opened now. Please use that one, or contact us; this try has charged nothing.',
  unsure:
    'We could not ask yet whether your payment arrived. If you have paid, this page will show it shortly: please don’t pay a second time.',
} as const;

export function invoicePage(deps: InvoicePageDeps): Router {
  const { billing, log } = deps;
  const { db } = billing;
  const limits = pageLimits(deps.redis, deps.prefix);
  const router = Router({ strict: true, caseSensitive: true });
  router.use(privatePage, contentPolicy(deps.checkoutOrigins));

  router.get('/:token', async (request, response) => {
    const invoice = await invoiceOf(request.params.token);
    if (invoice) await show(response, 200, invoice, request.params.token);
    else notFound(response);
  });

  router.post('/:token/pay', limits.bySender, form, async (request: Request<{ token: string }>, response) => {
    const { token } = request.params;
    const invoice = await invoiceOf(token);
    if (!invoice) return notFound(response);
    if (await limits.refuses(invoice.id, response)) return;
    const ticked = tickedExtras(request.body, invoice);
    try {
      const opened = await openCheckout(invoice.id, ticked, billing);
      if (opened.end === 'unpayable')
        return await show(response, 422, invoice, token, { problem: opened.sentence, ticked });
      // 303 in both cases: the browser asks anew, and going back or refreshing repeats no payment.
      response.redirect(303, opened.end === 'redirect' ? opened.url : `/i/${token}`);
    } catch (error) {
      log.error('the payment page could not be opened', { invoice: invoice.id, error: messageOf(error) });
      // What Stripe says is for the business, not for its customer.
      const refused = told(error)?.kind === 'refused';
      const problem = refused ? PROBLEMS.stillOpen : PROBLEMS.unreachable;
      await show(response, refused ? 409 : 503, invoice, token, { problem, ticked });
    }
  });

  router.get('/:token/return', async (request, response) => {
    const { token } = request.params;
    const invoice = await invoiceOf(token);
    // Of a session that is not of this invoice nothing is asked and nothing is said.
    const session = await sessionOf(token, request.query.session_id);
    // The link was renewed while the customer paid: he is told what became of the payment, and nothing else.
    const renewed = !invoice && session && (await wasTokenOf(db, token, session.invoice)) ? session : undefined;
    if (!invoice && !renewed) return notFound(response);
    const asked = session !== undefined && (await limits.mayAsk(session.invoice.id));
    try {
      if (asked) await confirmCheckout(session.id, billing);
    } catch (error) {
      log.error('a payment could not be confirmed yet', { invoice: idInToken(token), error: messageOf(error) });
      if (invoice) return show(response, 503, invoice, token, { problem: PROBLEMS.unsure, unsure: true });
      return showRenewed(response, 503, PROBLEMS.unsure);
    }
    if (invoice) return response.redirect(303, `/i/${token}`);
    // Who comes back too often in a minute is told nothing that was not asked.
    if (!asked) return showRenewed(response, 503, PROBLEMS.unsure);
    const after = await sessionOf(token, renewed?.id);
    showRenewed(response, 200, after ? outcomeOf(after.invoice, after.attempt) : PROBLEMS.unsure);
  });

  router.use((_request, response) => notFound(response));

  /** Undefined for a token that is wrong, rotated, or of an invoice that was never issued. */
  async function invoiceOf(token: string): Promise<OwnInvoice | undefined> {
    const id = idInToken(token);
    const invoice = id ? await findInvoice(db, id) : undefined;
    return invoice?.number && (await isTokenOf(db, token, invoice)) ? invoice : undefined;
  }

  /** The session of that id, when it is of the invoice that the token names, genuine or not. */
  async function sessionOf(token: string, id: unknown) {
    const attempt = isSessionId(id) ? await attemptOfSession(db, id) : undefined;
    const invoice =
      attempt && attempt.invoice === idInToken(token) ? await findInvoice(db, attempt.invoice) : undefined;
    return attempt?.stripe_session && invoice ? { id: attempt.stripe_session, attempt, invoice } : undefined;
  }

  function showRenewed(response: Response, status: number, sentence: string): void {
    response
      .status(status)
      .type('html')
      .send(html(RenewedPage({ business: deps.business, sentence })));
  }

  async function show(
    response: Response,
    status: number,
    invoice: OwnInvoice,
    token: string,
    more: Pick<InvoicePageProps, 'problem' | 'ticked' | 'unsure'> = {},
  ): Promise<void> {
    const [attempt, entries] = await Promise.all([latestAttempt(db, invoice.id), paymentLogOf(db, invoice.id)]);
    const page = InvoicePage({
      business: deps.business,
      invoice,
      attempt,
      log: entries,
      today: dayIn(deps.business.timeZone, billing.clock()),
      url: `${billing.publicUrl}/i/${token}`,
      payPath: `/i/${token}/pay`,
      ...more,
    });
    response.status(status).type('html').send(html(page));
  }
  return router;
}

const form = express.urlencoded({ extended: false, limit: BODY_LIMITS.publicForm, parameterLimit: 200 });

/** Ids of lines of this invoice that are extras, each once, whatever was sent. */
function tickedExtras(body: unknown, { lines }: OwnInvoice): number[] {
  const sent = typeof body === 'object' && body !== null && 'extras' in body ? body.extras : [];
  const ids = (Array.isArray(sent) ? sent : [sent]).map(String);
  return lines.filter(({ id, optional }) => optional && ids.includes(String(id))).map(({ id }) => id);
}

function isSessionId(text: unknown): text is string {
  return typeof text === 'string' && /^cs_\w{1,250}$/.test(text);
}

/** The link is a key: it must not be kept, indexed, or told to the next site. */
const privatePage: RequestHandler = (_request, response, next) => {
  response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Robots-Tag': 'noindex, nofollow' });
  next();
};

/** Browsers apply form-action to the redirect that follows a form, too: it must allow the payment page. */
function contentPolicy(checkoutOrigins: readonly string[]): RequestHandler {
  return helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      styleSrc: ["'self'"],
      imgSrc: ['data:'],
      formAction: ["'self'", ...checkoutOrigins],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
  });
}

function notFound(response: Response): void {
  response.status(404).type('html').send(html(noSuchPage));
}
