import type { VNode } from 'preact';
import type { AttemptRow } from '../../billing/own-invoices/checkout-attempts.ts';
import { amountsOfInvoice, type OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Page } from '../../platform/pages.ts';
import { invoiceState } from '../invoice/invoice-state.ts';
import { StateChip } from '../invoice/state-chip.tsx';
import { ConsolePage, mayChange, type Visit } from './console-page.tsx';
import { Pages, Table, Tabs } from './parts.tsx';

/** All own invoices, newest first. */
export interface InvoiceListProps {
  readonly visit: Visit;
  readonly page: Page<OwnInvoice>;
  /** The latest of each invoice that has one. */
  readonly attempts: ReadonlyMap<string, Pick<AttemptRow, 'state' | 'payment_intent'>>;
  /** A key of `INVOICE_TABS`. */
  readonly status: string;
  readonly search: string;
  readonly today: string;
}

const INVOICE_TABS = {
  all: 'All',
  draft: 'Drafts',
  issued: 'Issued',
  overdue: 'Overdue',
  paid: 'Paid',
  void: 'Void',
} as const;

export function InvoiceList(props: InvoiceListProps): VNode {
  const { visit, page, attempts, status, search, today } = props;
  const href = (values: { status?: string; after?: string; before?: string }) =>
    `/console/invoices?${new URLSearchParams({ status, ...(search ? { q: search } : {}), ...values })}`;
  return (
    <ConsolePage
      visit={visit}
      room="invoices"
      title="Invoices"
      beside={
        mayChange(visit) ? (
          <a class="button" href="/console/invoices/new">
            New invoice
          </a>
        ) : null
      }
    >
      <div class="tools">
        <Tabs label="Status" tabs={INVOICE_TABS} current={status} href={(value) => href({ status: value })} />
        <form class="search" method="get" action="/console/invoices">
          <input type="hidden" name="status" value={status} />
          <label>
            <span class="unseen">Number, name or e-mail address</span>
            <input type="search" name="q" value={search} placeholder="Number, name or e-mail" maxlength={100} />
          </label>
          <button type="submit" class="quiet">
            Search
          </button>
        </form>
      </div>
      <Table
        caption="Invoices, newest first"
        columns={['Number', 'Customer', 'State', 'Due', 'Total']}
        numbers={['Total']}
        empty={search ? `Nothing is found for “${search}”.` : 'There are no such invoices.'}
        rows={page.rows.map((invoice) => ({
          key: invoice.id,
          cells: [
            <a key="link" href={`/console/invoices/${invoice.id}`} class="nowrap">
              {invoice.number ?? 'Draft'}
            </a>,
            invoice.customer_name,
            <StateChip key="state" state={invoiceState(invoice, attempts.get(invoice.id), today)} />,
            <span key="due" class="nowrap">
              {invoice.due_date ?? '–'}
            </span>,
            formatMoney({
              amount: invoice.paid_amount ?? amountsOfInvoice(invoice).gross,
              currency: invoice.currency,
            }),
          ],
        }))}
      />
      <Pages page={page} href={href} />
    </ConsolePage>
  );
}
