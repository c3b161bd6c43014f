import { paginate } from '../core/lists.ts';
import { array, object, oneOf, required, string } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { listParams, metadata } from '../core/shared-params.ts';
import { editDraft, planAddLines, planRemoveLines, planUpdateLines } from './edit-lines.ts';
import { needInvoice } from './invoices.ts';
import { lineShape } from './item-params.ts';
import { linesOf, needLine } from './lines.ts';

const invoiceMetadata = { invoice_metadata: metadata() } as const;

/** https://docs.stripe.com/api/invoices/add_lines and the rest of the lines of a draft */
export const invoiceLines: Resource = {
  expansions: {},
  routes: [
    route(
      'POST',
      '/v1/invoices/{id}/add_lines',
      { lines: required(array(object({ ...lineShape, invoice_item: string() }))), ...invoiceMetadata },
      (context, params, { id }) => {
        const invoice = needInvoice(context, id);
        editDraft(context, invoice, planAddLines(context, invoice, params.lines), params.invoice_metadata);
        return invoice;
      },
    ),
    route(
      'POST',
      '/v1/invoices/{id}/update_lines',
      { lines: required(array(object({ ...lineShape, id: required(string()) }))), ...invoiceMetadata },
      (context, params, { id }) => {
        const invoice = needInvoice(context, id);
        editDraft(context, invoice, planUpdateLines(context, invoice, params.lines), params.invoice_metadata);
        return invoice;
      },
    ),
    route(
      'POST',
      '/v1/invoices/{id}/remove_lines',
      {
        lines: required(array(object({ id: required(string()), behavior: required(oneOf('delete', 'unassign')) }))),
        ...invoiceMetadata,
      },
      (context, params, { id }) => {
        const invoice = needInvoice(context, id);
        editDraft(context, invoice, planRemoveLines(context, invoice, params.lines), params.invoice_metadata);
        return invoice;
      },
    ),
    route('GET', '/v1/invoices/{id}/lines', listParams, (context, params, { id }) =>
      paginate(linesOf(needInvoice(context, id)), params, `/v1/invoices/${id}/lines`),
    ),
    route('POST', '/v1/invoices/{invoiceId}/lines/{id}', lineShape, (context, params, { invoiceId, id }) => {
      const invoice = needInvoice(context, invoiceId);
      const line = needLine(invoice, id);
      editDraft(context, invoice, planUpdateLines(context, invoice, [{ ...params, id }], ''));
      return line;
    }),
  ],
};
