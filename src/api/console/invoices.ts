import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../billing/deps/deps.ts';
import { attemptsOfInvoice, latestAttempts } from '../../billing/own-invoices/checkout-attempts.ts';
import { pageOfInvoices } from '../../billing/own-invoices/invoice-list.ts';
import { findInvoice } from '../../billing/own-invoices/invoices.ts';
import { issueInvoice, NotAllowed, renewLink, voidInvoice } from '../../billing/own-invoices/manage-invoice.ts';
import { paymentLogOf } from '../../billing/own-invoices/payment-log.ts';
import { INVOICE_ID, tokenOf } from '../../billing/own-invoices/public-link.ts';
import { told } from '../../billing/told.ts';
import { dayIn } from '../../platform/business-day.ts';
import { messageOf } from '../../platform/log.ts';
import { InvoiceList } from '../../views/console/invoice-list.tsx';
import { InvoiceRoom } from '../../views/console/invoice-room.tsx';
import { statusOf } from '../http/status-of.ts';
import { draftRooms } from './drafts.ts';
import { stripeDocuments } from './invoice-records.ts';
import { listPage } from './list-page.ts';
import { auditOf, reviewsOfInvoice } from './review-records.ts';
import { field, fields, nowhere, oneOf, only, query, show, visitOf } from './visit.ts';

/** The list of own invoices, and the room of each with what can be done there. */
export function invoiceRooms(deps: Deps): Router {
  const { db, log, timeZone, clock } = deps;
  const today = () => dayIn(timeZone, clock());
  const router = Router();
  router.param('id', only(INVOICE_ID));

  router.get('/', async (request, response) => {
    const status = oneOf(['all', 'draft', 'issued', 'overdue', 'paid', 'void'], query(request, 'status'));
    const search = query(request, 'q').slice(0, 100);
    const filter = { status: status === 'all' ? undefined : status, search };
    const { page, problem } = await listPage(request, (asked) => pageOfInvoices(db, filter, asked, today()));
    const attempts = await latestAttempts(
      db,
      page.rows.map(({ id }) => id),
    );
    const visit = visitOf(request, response, problem);
    show(response, InvoiceList({ visit, page, attempts, status, search, today: today() }));
  });

  router.use(draftRooms(deps));

  router.get('/:id', (request, response) => room(request, response));

  router.post(
    '/:id/issue',
    fields,
    action(async (id, { actor, request }) => {
      const mail = field(request, 'mail') === 'yes';
      await issueInvoice(id, { mail }, actor, deps);
      return mail ? 'sent' : 'issued';
    }),
  );

  router.post(
    '/:id/void',
    fields,
    action(async (id, { actor, request }) => {
      await voidInvoice(id, actor, reasonIn(request), deps);
      return 'voided';
    }),
  );

  router.post(
    '/:id/link',
    fields,
    action(async (id, { actor, request }) => {
      const version = field(request, 'version');
      // A second press must not take away the link that the first one has made.
      await renewLink(id, actor, reasonIn(request), deps, version === '' ? undefined : Number(version));
      return 'renewed';
    }),
  );

  /** Redirect after post; what does not work is said in the room itself, which then shows how things stand. */
  function action(work: (id: string, by: { actor: string; request: Request }) => Promise<string>) {
    return async (request: Request<{ id: string }>, response: Response): Promise<void> => {
      const { id } = request.params;
      if (!(await findInvoice(db, id))) return nowhere(request, response);
      try {
        const done = await work(id, { actor: `admin:${visitOf(request, response).admin.name}`, request });
        response.redirect(303, `/console/invoices/${id}?done=${done}`);
      } catch (error) {
        const saying = told(error);
        if (saying && saying.kind !== 'away') return room(request, response, saying.message, statusOf(saying));
        log.error('an invoice could not be changed', { invoice: id, error: messageOf(error) });
        const problem = `This did not work, nothing was changed here: ${saying?.message ?? messageOf(error)}`;
        await room(request, response, problem, saying ? statusOf(saying) : 500);
      }
    };
  }

  async function room(
    request: Request<{ id: string }>,
    response: Response,
    problem?: string,
    status = 200,
  ): Promise<void> {
    const invoice = await findInvoice(db, request.params.id);
    if (!invoice) return nowhere(request, response);
    const { id } = invoice;
    const [token, entries, attempts, documents, reviews, audit] = await Promise.all([
      tokenOf(db, invoice),
      paymentLogOf(db, id),
      attemptsOfInvoice(db, id),
      stripeDocuments(db, invoice.payment_intent),
      reviewsOfInvoice(db, id),
      auditOf(db, id),
    ]);
    const page = InvoiceRoom({
      visit: visitOf(request, response, problem),
      invoice,
      link: invoice.number ? `${deps.publicUrl}/i/${token}` : undefined,
      log: entries,
      attempts,
      documents,
      reviews,
      audit,
      today: today(),
    });
    show(response, page, status);
  }
  return router;
}

/** @throws NotAllowed when none is given */
function reasonIn(request: Request): string {
  const reason = field(request, 'reason');
  if (reason === '') throw new NotAllowed('A reason is needed; it is kept in the audit log.');
  return reason.slice(0, 500);
}
