import { createInvoice } from '../../../billing/own-invoices/manage-invoice.ts';
import type { FieldProblem } from '../../../platform/field-problems.ts';
import { DraftFields } from '../drafts/draft-fields.tsx';
import { draftFields, draftInput } from '../drafts/draft-input.ts';
import { doneOnce, newFormToken } from '../drafts/submitted-forms.ts';
import { blankDraft, type TypedDraft, withMoreRows } from '../drafts/typed-draft.ts';
import { form } from '../frame/form.ts';
import { addressIn, landing, room } from '../frame/room.ts';
import { invoice } from './invoice.tsx';

/** A draft is made in one form, which comes back with what was typed until it can be saved. */
interface Content {
  readonly draft: TypedDraft;
  readonly token: string;
  readonly problems: readonly FieldProblem[];
}

const save = form({
  path: '',
  fields: draftFields,
  says: {},
  // The page comes back with its own token, as long as nothing came of it.
  keeps: ({ draft, token }): Partial<Content> => (token ? { draft, token } : { draft }),
  async send({ draft, wantsRows, token }, { admin, actor }, { billing: { db, timeZone, clock } }) {
    if (wantsRows) return { status: 200, changed: { draft: withMoreRows(draft) } };
    const read = draftInput(draft);
    if ('problems' in read) return { status: 422, changed: { problems: read.problems } };
    const submitted = { token, admin: admin.id, content: JSON.stringify(draft) };
    const { end, landedOn } = await doneOnce(db, submitted, async (trx) => {
      const { id } = await createInvoice(read.input, actor, { db: trx, timeZone, clock });
      return addressIn(invoice.path, id);
    });
    const id = landedOn.split('/').at(-1) ?? '';
    if (end === 'done') return landing(invoice, id, 'created');
    // From a page that was gone back to: what was typed there now is another draft, or a change of the first.
    const problem = `This page was sent before, and draft ${id} was made of what it said then. Save once more to make another draft of what it says now.`;
    return { status: 409, problem, changed: { token: newFormToken() } };
  },
});

export const newDraft = room({
  path: '/invoices/new',
  onlyOperators: 'A viewer can look at invoices, but not make or change any.',
  forms: [save],
  async read(): Promise<Content> {
    return { draft: blankDraft, token: newFormToken(), problems: [] };
  },
  page: (content, { address }) => ({
    title: 'New invoice',
    body: <DraftFields {...content} action={address} back="/console/invoices" />,
  }),
});
