import type { VNode } from 'preact';
import type { AttemptRow } from '../../billing/own-invoices/checkout-attempts.ts';
import { amountsOfInvoice, type OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import type { LogRow } from '../../billing/own-invoices/payment-log.ts';
import type { Business } from '../../platform/business.ts';
import { Page } from '../page.tsx';
import { InvoicePaper } from './invoice-paper.tsx';
import { countedExtras, invoiceState, isPayable, lastFailure } from './invoice-state.ts';
import { PaymentPanel } from './payment-panel.tsx';
import { printableInvoice } from './printable-invoice.ts';

/** The public page of an own invoice. What it says follows from these facts alone. */
export interface InvoicePageProps {
  readonly business: Business;
  readonly invoice: OwnInvoice;
  /** The latest, if any. */
  readonly attempt: AttemptRow | undefined;
  /** Oldest first. */
  readonly log: readonly LogRow[];
  /** e.g. `2026-12-31` */
  readonly today: string;
  /** Absolute, for paper. */
  readonly url: string;
  /** Where the Pay form goes. */
  readonly payPath: string;
  /** What just went wrong, in a sentence or two. */
  readonly problem?: string;
  /** What the customer has ticked just now; default: what is ticked in the open session. */
  readonly ticked?: readonly number[];
  /** Whether it is unknown, just now, if a payment arrived: then no other is offered. */
  readonly unsure?: boolean;
}

export function InvoicePage(props: InvoicePageProps): VNode {
  const { business, attempt, log, today, problem } = props;
  const invoice = printableInvoice(props.invoice);
  const state = invoiceState(invoice, attempt, today);
  const counted = countedExtras(state, invoice, attempt);
  const ticked = ticksOf(props);
  const amounts = amountsOfInvoice(invoice, counted);
  return (
    <Page title={`Invoice ${invoice.number}`} site={business.name}>
      <main class="invoice">
        <InvoicePaper {...{ business, invoice, state, counted, amounts, log, url: props.url }} />
        <PaymentPanel
          {...{ business, invoice, state, amounts, ticked, problem }}
          withTicked={amountsOfInvoice(invoice, ticked).gross}
          failure={lastFailure(log, attempt)}
          payPath={props.payPath}
          payable={isPayable(state) && !props.unsure}
        />
      </main>
    </Page>
  );
}

function ticksOf({ ticked, attempt }: InvoicePageProps): readonly number[] {
  if (ticked) return ticked;
  return attempt?.state === 'open' ? attempt.extras : [];
}
