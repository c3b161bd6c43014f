import type { OwnInvoice } from '../../../billing/own-invoices/invoices.ts';
import { figure } from '../../../platform/figures.ts';

/** A draft as it stands in the form: text, exactly as typed, so that nothing gets lost on the way through an error. */
export interface TypedDraft {
  readonly customer_name: string;
  readonly customer_email: string;
  readonly customer_address: string;
  readonly currency: string;
  readonly prices_include_tax: boolean;
  readonly due_date: string;
  readonly series: string;
  readonly notes: string;
  readonly lines: readonly TypedLine[];
}

export interface TypedLine {
  readonly description: string;
  readonly quantity: string;
  /** In major units, as people write it. */
  readonly unit_amount: string;
  readonly tax_percent: string;
  readonly optional: boolean;
}

export const MOST_LINES = 100;
const NEW_ROWS = 3;

const blankLine: TypedLine = { description: '', quantity: '', unit_amount: '', tax_percent: '', optional: false };

export const blankDraft: TypedDraft = {
  customer_name: '',
  customer_email: '',
  customer_address: '',
  currency: 'EUR',
  prices_include_tax: false,
  due_date: '',
  series: '',
  notes: '',
  lines: Array.from({ length: NEW_ROWS }, () => blankLine),
};

export function withMoreRows(draft: TypedDraft): TypedDraft {
  const rows = Math.max(0, Math.min(NEW_ROWS, MOST_LINES - draft.lines.length));
  return { ...draft, lines: [...draft.lines, ...Array.from({ length: rows }, () => blankLine)] };
}

export function typedFrom(invoice: OwnInvoice): TypedDraft {
  const { currency } = invoice;
  return {
    customer_name: invoice.customer_name,
    customer_email: invoice.customer_email ?? '',
    customer_address: invoice.customer_address ?? '',
    currency: currency.toUpperCase(),
    prices_include_tax: invoice.prices_include_tax,
    due_date: invoice.due_date ?? '',
    series: invoice.series ?? '',
    notes: invoice.notes ?? '',
    lines: invoice.lines.map((line) => ({
      description: line.description,
      quantity: String(line.quantity),
      unit_amount: figure({ amount: line.unit_amount, currency }).replaceAll(',', ''),
      tax_percent: line.tax_percent ?? '',
      optional: line.optional,
    })),
  };
}
