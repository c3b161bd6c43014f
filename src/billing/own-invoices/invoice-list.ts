import type { Db } from '../../platform/db.ts';
import { type ListOrder, type Page, type PageAsked, readPage } from '../../platform/pages.ts';
import { INVOICE_COLUMNS, type InvoiceRow, type InvoiceStatus, linesOfInvoices, type OwnInvoice } from './invoices.ts';
import { INVOICE_ID } from './public-link.ts';

/** The lists of own invoices, newest first. */
export interface InvoiceFilter {
  readonly status?: InvoiceStatus | 'overdue' | undefined;
  /** Part of a number, a customer's name or e-mail address. */
  readonly search?: string | undefined;
}

const ORDER: ListOrder = { table: 'invoices', by: 'created_at', newestFirst: true, ids: INVOICE_ID };

/**
 * @param today the day of the business, e.g. `2026-12-31`: what is due by then is not overdue yet
 * @returns undefined when the invoice to begin or end at is not there
 */
export async function pageOfInvoices(
  db: Db,
  filter: InvoiceFilter,
  asked: PageAsked,
  today: string,
): Promise<Page<OwnInvoice> | undefined> {
  const query = { select: `SELECT ${INVOICE_COLUMNS} FROM invoices`, ...conditionsOf(filter, today) };
  const page = await readPage<InvoiceRow>(db, ORDER, query, asked);
  if (!page) return undefined;
  const lines = await linesOfInvoices(
    db,
    page.rows.map(({ id }) => id),
  );
  return { ...page, rows: page.rows.map((row) => ({ ...row, lines: lines.get(row.id) ?? [] })) };
}

/** The newest; 50 unless told otherwise. */
export async function listInvoices(
  db: Db,
  { limit = 50, ...filter }: InvoiceFilter & { readonly limit?: number },
  today: string,
): Promise<readonly OwnInvoice[]> {
  return (await pageOfInvoices(db, filter, { limit }, today))?.rows ?? [];
}

/** Only what is asked for, so that Postgres sees which index serves it. */
function conditionsOf({ status, search }: InvoiceFilter, today: string) {
  const where: string[] = [];
  const bindings: Record<string, string> = {};
  if (status === 'overdue') {
    where.push(`status = 'issued' AND due_date < :today::date`);
    bindings.today = today;
  } else if (status) {
    where.push('status = :status');
    bindings.status = status;
  }
  if (search) {
    where.push('(number ILIKE :search OR customer_name ILIKE :search OR customer_email ILIKE :search)');
    bindings.search = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
  }
  return { where, bindings };
}
