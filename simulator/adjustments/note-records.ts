import type { Context } from '../core/context.ts';
import { HiddenField } from '../core/hidden-field.ts';
import type { ObjectTypes } from '../core/objects.ts';
import { type Invoice, linesOf } from '../invoicing/lines.ts';
import { type DiscountAmount, mergeDiscounts, mergeTaxes, sum, type Tax } from '../invoicing/totals.ts';

export type CreditNote = ObjectTypes['credit_note'];
export type NoteLine = ObjectTypes['credit_note_line_item'];

/** A line is credited by amount or by quantity, and then always in the same way. */
export type Measure = 'amount' | 'quantity';

const notesByInvoice = new HiddenField<Invoice, CreditNote[]>('notesByInvoice');
const linesByNote = new HiddenField<CreditNote, readonly NoteLine[]>('linesByNote');
const measures = new HiddenField<NoteLine, Measure>('measures');

/** All notes of an invoice, oldest first, the void ones too. */
export const notesOf = (invoice: Invoice): readonly CreditNote[] => notesByInvoice.get(invoice) ?? [];

export const linesOfNote = (note: CreditNote): readonly NoteLine[] => linesByNote.get(note) ?? [];

export function record(invoice: Invoice, note: CreditNote, lines: readonly NoteLine[]): void {
  notesByInvoice.set(invoice, [...notesOf(invoice), note]);
  linesByNote.set(note, lines);
}

export const setMeasure = (line: NoteLine, measure: Measure): void => void measures.set(line, measure);

export const issuedNotes = (invoice: Invoice): CreditNote[] =>
  notesOf(invoice).filter(({ status }) => status === 'issued');

/** What of an invoice line has not been credited yet, in minor units; negative lines have a negative rest. */
export interface Rest {
  amount: number;
  quantity: number;
  discounts: DiscountAmount[];
  taxes: Tax[];
  /** How earlier notes have credited it. */
  measure: Measure | undefined;
}

export function restOf(invoice: Invoice, lineId: string): Rest | undefined {
  const line = linesOf(invoice).find(({ id }) => id === lineId);
  if (line === undefined) return undefined;
  const credited = issuedNotes(invoice)
    .flatMap(linesOfNote)
    .filter(({ invoice_line_item: id }) => id === lineId);
  const [first] = credited;
  return {
    amount: line.amount - sum(credited.map(({ amount }) => amount)),
    quantity: (line.quantity ?? 1) - sum(credited.map(({ quantity }) => quantity ?? 0)),
    discounts: mergeDiscounts([
      ...(line.discount_amounts ?? []),
      ...credited.flatMap(({ discount_amounts: all }) => all.map((one) => ({ ...one, amount: -one.amount }))),
    ]),
    taxes: mergeTaxes([
      ...(line.taxes ?? []),
      ...credited.flatMap(({ taxes }) =>
        (taxes ?? []).map((tax) => ({
          ...tax,
          amount: -tax.amount,
          taxable_amount: -(tax.taxable_amount ?? 0),
        })),
      ),
    ]),
    measure: first === undefined ? undefined : measures.get(first),
  };
}

/** How much of a refund notes have already been linked to. */
export function linkedAmount(context: Context, refundId: string): number {
  const links = [...context.store.credit_note.newestFirst(({ status }) => status === 'issued')].flatMap(
    ({ refunds }) => refunds,
  );
  return sum(links.filter(({ refund }) => refund === refundId).map(({ amount_refunded }) => amount_refunded));
}
