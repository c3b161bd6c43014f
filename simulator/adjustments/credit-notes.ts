import { paginate } from '../core/lists.ts';
import { string, text, unsimulated } from '../core/params.ts';
import { type Resource, route } from '../core/routes.ts';
import { createdParam, inRange, listParams, mergeMetadata, metadata } from '../core/shared-params.ts';
import { issueNote, previewNote, voidNote } from './credit-note.ts';
import { noteShape } from './credit-note-params.ts';
import { planCredit } from './credit-plan.ts';
import { linesOfNote } from './note-records.ts';

/** https://docs.stripe.com/api/credit_notes */
export const creditNotes: Resource = {
  expansions: {
    credit_note: {
      customer: 'id',
      customer_balance_transaction: 'id',
      'discount_amounts.discount': 'id',
      invoice: 'id',
      'refunds.refund': 'id',
    },
    credit_note_line_item: { 'discount_amounts.discount': 'id' },
  },
  routes: [
    route('POST', '/v1/credit_notes', noteShape, (context, params) =>
      issueNote(context, context.store.invoice.need(params.invoice, 'invoice'), params),
    ),
    route('GET', '/v1/credit_notes/preview', noteShape, (context, params) =>
      previewNote(context, context.store.invoice.need(params.invoice, 'invoice'), params),
    ),
    route('GET', '/v1/credit_notes/preview/lines', { ...noteShape, ...listParams }, (context, params) => {
      const { lines } = planCredit(context, context.store.invoice.need(params.invoice, 'invoice'), params);
      return paginate(lines, params, '/v1/credit_notes/preview/lines');
    }),
    route('GET', '/v1/credit_notes/{id}', {}, (context, _params, { id }) => context.store.credit_note.need(id)),
    route('GET', '/v1/credit_notes/{id}/lines', listParams, (context, params, { id }) =>
      paginate(linesOfNote(context.store.credit_note.need(id)), params, `/v1/credit_notes/${id}/lines`),
    ),
    route(
      'POST',
      '/v1/credit_notes/{id}',
      { memo: text({ max: 5000 }), metadata: metadata() },
      (context, params, { id }) => {
        const note = context.store.credit_note.need(id);
        return context.change(note, 'credit_note.updated', () => {
          if (params.memo !== undefined) note.memo = params.memo;
          note.metadata = mergeMetadata(note.metadata, params.metadata);
        });
      },
    ),
    route('POST', '/v1/credit_notes/{id}/void', {}, (context, _params, { id }) => {
      const note = context.store.credit_note.need(id);
      return voidNote(context, context.store.invoice.need(note.invoice), note);
    }),
    route(
      'GET',
      '/v1/credit_notes',
      { ...listParams, ...createdParam, customer: string(), customer_account: unsimulated(), invoice: string() },
      (context, params) => {
        const { created, customer, invoice } = params;
        const found = context.store.credit_note.newestFirst(
          (note) =>
            (created === undefined || inRange(note.created, created)) &&
            (customer === undefined || note.customer === customer) &&
            (invoice === undefined || note.invoice === invoice),
        );
        return paginate(found, params, '/v1/credit_notes');
      },
    ),
  ],
};
