import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../billing/deps.ts';
import { findInvoice } from '../../billing/invoices/invoices.ts';
import { changeDraft, createInvoice, NotAllowed } from '../../billing/invoices/manage-invoice.ts';
import { INVOICE_ID } from '../../billing/invoices/public-link.ts';
import { recordAudit } from '../../billing/review/audit-log.ts';
import type { FieldProblem } from '../../platform/field-problems.ts';
import { mayChange } from '../../views/console/console-page.tsx';
import { InvoiceForm } from '../../views/console/invoice-form.tsx';
import { Nowhere } from '../../views/console/nowhere.tsx';
import { blankDraft, type TypedDraft, typedFrom, withMoreRows } from '../../views/console/typed-draft.ts';
import { draftInput, typedDraft } from './draft-form.ts';
import { field, fields, nowhere, only, show, visitOf } from './visit.ts';

/** Drafts of invoices are made and changed in one form, which comes back with what was typed until it can be saved. */
export function draftRooms(deps: Deps): Router {
  const { db } = deps;
  const router = Router();
  router.param('id', only(INVOICE_ID));

  router.get('/new', (request, response) => form(request, response, { id: undefined, draft: blankDraft }));

  router.post('/new', fields, async (request, response) => {
    await receive(request, response, undefined, async (input, actor) => (await createInvoice(input, actor, deps)).id);
  });

  router.get('/:id/edit', async (request, response) => {
    const invoice = await findInvoice(db, request.params.id);
    if (!invoice) return nowhere(request, response);
    // Issued in the meantime: there is nothing to edit any more.
    if (invoice.status !== 'draft') return response.redirect(303, `/console/invoices/${invoice.id}`);
    form(request, response, { id: invoice.id, draft: typedFrom(invoice) });
  });

  router.post('/:id/edit', fields, async (request, response) => {
    const { id } = request.params;
    if (!id || !(await findInvoice(db, id))) return nowhere(request, response);
    await receive(request, response, id, async (input, actor) => {
      await db.transaction(async (trx) => {
        await changeDraft(id, input, { db: trx });
        await recordAudit(trx, { actor, action: 'invoice.change', subject: id, reason: 'edited in the console' });
      });
      return id;
    });
  });

  async function receive(
    request: Request,
    response: Response,
    id: string | undefined,
    save: (input: unknown, actor: string) => Promise<string>,
  ): Promise<void> {
    const draft = typedDraft(request);
    if (field(request, 'next') === 'rows') return form(request, response, { id, draft: withMoreRows(draft) });
    const { input, problems } = draftInput(draft);
    if (problems.length > 0) return form(request, response, { id, draft, problems }, 422);
    try {
      const saved = await save(input, `admin:${visitOf(request, response).admin.name}`);
      response.redirect(303, `/console/invoices/${saved}?done=${id ? 'changed' : 'created'}`);
    } catch (error) {
      // Issued in the meantime, by somebody else.
      if (!(error instanceof NotAllowed)) throw error;
      form(request, response, { id, draft, problem: error.message }, 409);
    }
  }

  return router;
}

interface Shown {
  readonly id: string | undefined;
  readonly draft: TypedDraft;
  readonly problems?: readonly FieldProblem[];
  readonly problem?: string;
}

function form(request: Request, response: Response, { id, draft, problems = [], problem }: Shown, status = 200): void {
  const visit = visitOf(request, response, problem);
  if (mayChange(visit)) show(response, InvoiceForm({ visit, id, draft, problems }), status);
  else show(response, Nowhere({ visit, sentence: 'A viewer can look at invoices, but not make or change any.' }), 403);
}
