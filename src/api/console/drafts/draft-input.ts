import { z } from 'zod';
import { InvalidInput, type InvoiceInput, parseInvoiceInput } from '../../../billing/own-invoices/invoice-input.ts';
import type { FieldProblem } from '../../../platform/field-problems.ts';
import { textIn } from '../frame/typed.ts';
import { formToken } from './submitted-forms.ts';
import { typedAmount } from './typed-amount.ts';
import { MOST_LINES, type TypedDraft, type TypedLine } from './typed-draft.ts';

/** The form of a draft: what was typed, and what of it goes to the use case. */
export const draftFields = z.unknown().transform((body) => ({
  draft: typedDraft(body),
  wantsRows: textIn(body, 'next') === 'rows',
  /** Of the page, where it makes something (`doneOnce`). */
  token: formToken(textIn(body, 'form')),
}));

function typedDraft(body: unknown): TypedDraft {
  const text = (name: string) => textIn(body, name);
  return {
    customer_name: text('customer_name'),
    customer_email: text('customer_email'),
    customer_address: text('customer_address'),
    currency: text('currency'),
    prices_include_tax: text('prices_include_tax') === 'yes',
    due_date: text('due_date'),
    series: text('series'),
    notes: text('notes'),
    lines: lineRows(body).map((row) => ({
      description: text(`lines.${row}.description`),
      quantity: text(`lines.${row}.quantity`),
      unit_amount: text(`lines.${row}.unit_amount`),
      tax_percent: text(`lines.${row}.tax_percent`),
      optional: text(`lines.${row}.optional`) === 'yes',
    })),
  };
}

/** The numbers of the rows that were sent, in order. */
function lineRows(body: unknown): string[] {
  const names = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const rows = names.flatMap((name) => /^lines\.(\d{1,3})\./.exec(name)?.[1] ?? []);
  // One more than an invoice may have tells that there are too many; the form comes back with all of them.
  return [...new Set(rows)].sort((a, b) => Number(a) - Number(b)).slice(0, MOST_LINES + 1);
}

/** What goes to the use case, or all that is wrong at once, each with the field of the form. */
export type DraftInput = { readonly input: InvoiceInput } | { readonly problems: readonly FieldProblem[] };

/** Rows that were left empty are no lines. */
export function draftInput(draft: TypedDraft): DraftInput {
  const filled = draft.lines.flatMap((line, row) => (isBlank(line) ? [] : [{ line, row }]));
  const unread: FieldProblem[] = [];
  const lines = filled.map(({ line, row }) => {
    const price = typedAmount(line.unit_amount, draft.currency);
    if ('problem' in price) unread.push({ field: `lines.${row}.unit_amount`, message: price.problem });
    return {
      description: line.description,
      ...(line.quantity === ''
        ? {}
        : { quantity: /^\d+$/.test(line.quantity) ? Number(line.quantity) : line.quantity }),
      unit_amount: 'amount' in price ? price.amount : 0,
      ...(line.tax_percent === '' ? {} : { tax_percent: withoutSign(line.tax_percent).replace(',', '.') }),
      optional: line.optional,
    };
  });
  const { customer_name, currency, prices_include_tax, series } = draft;
  const given = {
    customer_name,
    customer_email: draft.customer_email || null,
    customer_address: draft.customer_address || null,
    currency,
    prices_include_tax,
    due_date: draft.due_date || null,
    notes: draft.notes || null,
    ...(series ? { series } : {}),
    lines,
  };
  const rows = filled.map(({ row }) => row);
  const parsed = parsedOrProblems(given, rows, unread.length > 0);
  if ('input' in parsed) return unread.length > 0 ? { problems: unread } : parsed;
  return { problems: [...unread, ...parsed.problems] };
}

/** `19 %` is 19. No expression: one that looks for blanks before the sign would begin anew at each blank. */
function withoutSign(percent: string): string {
  return percent.endsWith('%') ? percent.slice(0, -1).trimEnd() : percent;
}

function isBlank({ description, quantity, unit_amount, tax_percent, optional }: TypedLine): boolean {
  return [description, quantity, unit_amount, tax_percent].every((text) => text === '') && !optional;
}

/** @param unread whether a price could not be read: 0 stands for it, and what follows from that is not told */
function parsedOrProblems(given: unknown, rows: readonly number[], unread: boolean): DraftInput {
  try {
    return { input: parseInvoiceInput(given) };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const problems = error.problems
      .filter(({ field: name }) => !unread || name !== 'lines')
      .map(({ field: name, message }) => {
        const [, line, rest] = /^lines\.(\d+)\.(.+)$/.exec(name) ?? [];
        return { field: line === undefined ? name : `lines.${rows[Number(line)]}.${rest}`, message };
      });
    return { problems };
  }
}
