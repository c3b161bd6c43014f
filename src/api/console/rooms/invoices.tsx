import type { VNode } from 'preact';
import { type AttemptRow, latestAttempts } from '../../../billing/own-invoices/checkout-attempts.ts';
import { pageOfInvoices } from '../../../billing/own-invoices/invoice-list.ts';
import { amountsOfInvoice, type OwnInvoice } from '../../../billing/own-invoices/invoices.ts';
import { formatMoney } from '../../../platform/money.ts';
import type { Page } from '../../../platform/pages.ts';
import { invoiceState } from '../../../views/invoice/invoice-state.ts';
import { StateChip } from '../../../views/invoice/state-chip.tsx';
import { listPage } from '../frame/list-page.ts';
import { room } from '../frame/room.ts';
import { oneOf } from '../frame/typed.ts';
import { Pages, Tabs } from '../parts/lists.tsx';
import { Search, searched } from '../parts/search.tsx';
import { Table } from '../parts/table.tsx';

/** All own invoices, newest first. */
interface Content {
  readonly page: Page<OwnInvoice>;
  readonly problem?: string | undefined;
  /** The latest of each invoice that has one. */
  readonly attempts: ReadonlyMap<string, Pick<AttemptRow, 'state' | 'payment_intent'>>;
  readonly status: keyof typeof TABS;
  readonly search: string;
  readonly today: string;
}

const TABS = {
  all: 'All',
  draft: 'Drafts',
  issued: 'Issued',
  overdue: 'Overdue',
  paid: 'Paid',
  void: 'Void',
} as const;

export const invoices = room({
  path: '/invoices',
  menu: 'Invoices',
  async read({ query, today }, { billing: { db } }): Promise<Content> {
    const status = oneOf(['all', 'draft', 'issued', 'overdue', 'paid', 'void'], query('status'));
    const search = searched({ query });
    const filter = { status: status === 'all' ? undefined : status, search };
    const list = await listPage({ query }, (asked) => pageOfInvoices(db, filter, asked, today));
    const ids = list.page.rows.map(({ id }) => id);
    return { ...list, attempts: await latestAttempts(db, ids), status, search, today };
  },
  page: (content, { mayChange }) => ({
    title: 'Invoices',
    problem: content.problem,
    beside: mayChange ? (
      <a class="button" href="/console/invoices/new">
        New invoice
      </a>
    ) : null,
    body: <List {...content} />,
  }),
});

function List({ page, attempts, status, search, today }: Content): VNode {
  const href = (values: { status?: string; after?: string; before?: string }) =>
    `/console/invoices?${new URLSearchParams({ status, ...(search ? { q: search } : {}), ...values })}`;
  return (
    <>
      <div class="tools">
        <Tabs label="Status" tabs={TABS} current={status} href={(value) => href({ status: value })} />
        <Search
          action="/console/invoices"
          label="Number, name or e-mail address"
          placeholder="Number, name or e-mail"
          search={search}
          kept={{ status }}
        />
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
    </>
  );
}
