import { type Request, type Response, Router } from 'express';
import type { Deps } from '../../billing/deps/deps.ts';
import type { InvoiceInput } from '../../billing/own-invoices/invoice-input.ts';
import { findInvoice } from '../../billing/own-invoices/invoices.ts';
import { changeDraft, createInvoice, NotAllowed } from '../../billing/own-invoices/manage-invoice.ts';
import { INVOICE_ID } from '../../billing/own-invoices/public-link.ts';
import type { FieldProblem } from '../../platform/field-problems.ts';
import { mayChange } from '../../views/console/console-page.tsx';
import { InvoiceForm } from '../../views/console/invoice-form.tsx';
import { Nowhere } from '../../views/console/nowhere.tsx';
import { blankDraft, type TypedDraft, typedFrom, withMoreRows } from '../../views/console/typed-draft.ts';
import { draftInput, typedDraft } from './draft-form.ts';
import { doneOnce, formToken, newFormToken } from './submitted-forms.ts';
import { adminIn, field, fields, nowhere, only, show, visitOf } from './visit.ts';

/** Drafts of invoices are made and changed in one form, which comes back with what was typed until it can be saved. */
export function draftRooms(deps: Deps): Router {
  const { db, timeZone, clock } = deps;
  const router = Router();
  router.param('id', only(INVOICE_ID));

  router.get('/new', (request, response) => form(request, response, { id: undefined, draft: blankDraft }));

  router.post('/new', fields, async (request, response) => {
    const token = formToken(request);
    const draft = typedDraft(request);
    const read = readDraft(request, response, { id: undefined, draft, token });
    if (!read) return;
    const submitted = { token, admin: adminIn(response).id, content: JSON.stringify(draft) };
    const { end, landedOn } = await doneOnce(db, submitted, async (trx) => {
      const { id } = await createInvoice(read.input, read.actor, { db: trx, timeZone, clock });
      return `/console/invoices/${id}`;
    });
    if (end === 'done') return response.redirect(303, `${landedOn}?done=created`);
    // From a page that was gone back to: what was typed there now is another draft, or a change of the first.
    const first = landedOn.split('/').at(-1);
    const problem = `This page was sent before, and draft ${first} was made of what it said then. Save once more to make another draft of what it says now.`;
    form(request, response, { id: undefined, draft, problem }, 409);
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
    const draft = typedDraft(request);
    const read = readDraft(request, response, { id, draft });
    if (!read) return;
    const { input, actor } = read;
    try {
      await changeDraft(id, input, actor, deps);
      response.redirect(303, `/console/invoices/${id}?done=changed`);
    } catch (error) {
      // Issued in the meantime, by somebody else.
      if (!(error instanceof NotAllowed)) throw error;
      form(request, response, { id, draft, problem: error.message }, 409);
    }
  });

  return router;
}

/** What goes to the use case; undefined when the form was answered again instead, with more rows or with its problems. */
function readDraft(
  request: Request,
  response: Response,
  typed: Pick<Shown, 'id' | 'draft' | 'token'>,
): { readonly input: InvoiceInput; readonly actor: string } | undefined {
  if (field(request, 'next') === 'rows') {
    form(request, response, { ...typed, draft: withMoreRows(typed.draft) });
    return undefined;
  }
  const read = draftInput(typed.draft);
  if ('problems' in read) {
    form(request, response, { ...typed, problems: read.problems }, 422);
    return undefined;
  }
  return { input: read.input, actor: `admin:${adminIn(response).name}` };
}

interface Shown {
  readonly id: string | undefined;
  readonly draft: TypedDraft;
  /** Of the page that was sent, as long as nothing came of it. */
  readonly token?: string | undefined;
  readonly problems?: readonly FieldProblem[];
  readonly problem?: string;
}

function form(request: Request, response: Response, shown: Shown, status = 200): void {
  const { id, draft, token = newFormToken(), problems = [], problem } = shown;
  const visit = visitOf(request, response, problem);
  if (mayChange(visit)) show(response, InvoiceForm({ visit, id, token, draft, problems }), status);
  else show(response, Nowhere({ visit, sentence: 'A viewer can look at invoices, but not make or change any.' }), 403);
}
