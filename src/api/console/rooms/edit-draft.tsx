import { findInvoice } from '../../../billing/own-invoices/invoices.ts';
import { changeDraft } from '../../../billing/own-invoices/manage-invoice.ts';
import { INVOICE_ID } from '../../../billing/own-invoices/public-link.ts';
import type { FieldProblem } from '../../../platform/field-problems.ts';
import { DraftFields } from '../drafts/draft-fields.tsx';
import { draftFields, draftInput } from '../drafts/draft-input.ts';
import { type TypedDraft, typedFrom, withMoreRows } from '../drafts/typed-draft.ts';
import { form } from '../frame/form.ts';
import { addressIn, Elsewhere, landing, room } from '../frame/room.ts';
import { invoice } from './invoice.tsx';

/** A draft is changed in the form in which it was made. */
interface Content {
  readonly draft: TypedDraft;
  readonly problems: readonly FieldProblem[];
}

const save = form({
  path: '',
  fields: draftFields,
  says: {},
  keeps: ({ draft }): Partial<Content> => ({ draft }),
  async send({ draft, wantsRows }, { id, actor }, { billing }) {
    if (wantsRows) return { status: 200, changed: { draft: withMoreRows(draft) } };
    const read = draftInput(draft);
    if ('problems' in read) return { status: 422, changed: { problems: read.problems } };
    await changeDraft(id, read.input, actor, billing);
    return landing(invoice, id, 'changed');
  },
});

export const editDraft = room({
  path: '/invoices/:id/edit',
  id: INVOICE_ID,
  onlyOperators: 'A viewer can look at invoices, but not make or change any.',
  forms: [save],
  async read({ id, sent }, { billing: { db } }): Promise<Content | Elsewhere | undefined> {
    const found = await findInvoice(db, id);
    // Issued in the meantime: there is nothing to edit any more, but what somebody has typed comes back to him.
    if (found && found.status !== 'draft' && !sent) return new Elsewhere(addressIn(invoice.path, id));
    return found && { draft: typedFrom(found), problems: [] };
  },
  page: (content, { address, id }) => ({
    title: 'Edit the draft',
    body: <DraftFields {...content} action={address} back={addressIn(invoice.path, id)} />,
  }),
});
