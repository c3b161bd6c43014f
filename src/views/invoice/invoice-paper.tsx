import type { VNode } from 'preact';
import type { InvoiceAmounts } from '../../billing/own-invoices/invoice-total.ts';
import type { OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import type { LogRow } from '../../billing/own-invoices/payment-log.ts';
import { type Business, detailLines } from '../../platform/business.ts';
import { dayIn } from '../../platform/business-day.ts';
import { longDay } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import { type InvoiceState, isPayable } from './invoice-state.ts';
import { LineTable } from './line-table.tsx';
import { StateChip } from './state-chip.tsx';

/** The document itself: what is on the screen and, alone, on paper. */
export interface InvoicePaperProps {
  readonly business: Business;
  readonly invoice: OwnInvoice;
  readonly state: InvoiceState;
  readonly counted: readonly number[];
  readonly amounts: InvoiceAmounts;
  readonly log: readonly LogRow[];
  readonly url: string;
}

export function InvoicePaper({ business, invoice, state, counted, amounts, log, url }: InvoicePaperProps): VNode {
  const lines = invoice.lines.filter((line) => !line.optional || counted.includes(line.id));
  return (
    <article class="paper" aria-labelledby="title">
      <header>
        <div>
          <p class="brand">{business.name}</p>
          <address>
            {detailLines(business).map((line) => (
              <span key={line}>{line}</span>
            ))}
          </address>
        </div>
        <div class="title">
          <h1 id="title">
            Invoice <span class="nowrap">{invoice.number}</span>
          </h1>
          <StateChip state={state} />
        </div>
      </header>
      <Facts invoice={invoice} business={business} />
      {lines.length > 0 ? <LineTable invoice={invoice} lines={lines} amounts={amounts} /> : null}
      {invoice.notes ? (
        <section aria-labelledby="notes">
          <h2 id="notes">Notes</h2>
          <p class="text">{invoice.notes}</p>
        </section>
      ) : null}
      <Payments log={log} business={business} />
      {isPayable(state) ? <p class="paper-only">Pay online: {url}</p> : null}
    </article>
  );
}

function Facts({ invoice, business }: Pick<InvoicePaperProps, 'invoice' | 'business'>): VNode {
  const dayOf = (moment: Date | null) => moment && dayIn(business.timeZone, moment);
  return (
    <div class="facts">
      <dl>
        <dt>Billed to</dt>
        <dd>
          <strong class="text">{invoice.customer_name}</strong>
          {invoice.customer_address ? <span class="text">{invoice.customer_address}</span> : null}
          {invoice.customer_email ? <span class="text">{invoice.customer_email}</span> : null}
        </dd>
      </dl>
      <dl class="days">
        <Day name="Date" day={dayOf(invoice.issued_at)} />
        <Day name="Due" day={invoice.due_date} />
        <Day name="Paid" day={dayOf(invoice.paid_at)} />
        <Day name="Cancelled" day={dayOf(invoice.voided_at)} />
      </dl>
    </div>
  );
}

function Day({ name, day }: { readonly name: string; readonly day: string | null }): VNode | null {
  if (day === null) return null;
  return (
    <div>
      <dt>{name}</dt>
      <dd>{longDay(day)}</dd>
    </div>
  );
}

/** What came in and what went back, in the words of the log. */
function Payments({ log, business }: Pick<InvoicePaperProps, 'log' | 'business'>): VNode | null {
  const told = log.flatMap((entry) => {
    const words = wordsFor(entry);
    return words ? [{ at: entry.at, words, reference: entry.payment_intent }] : [];
  });
  if (told.length === 0) return null;
  return (
    <section aria-labelledby="payments">
      <h2 id="payments">Payments</h2>
      <ul class="payments">
        {told.map(({ at, words, reference }) => (
          <li key={`${at.toISOString()} ${words}`}>
            <span class="when">{longDay(dayIn(business.timeZone, at))}</span> <span>{words}</span>
            {reference ? <span class="reference">Reference {reference}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

function wordsFor({ kind, text, amount, currency }: LogRow): string | undefined {
  if (kind === 'paid' || kind === 'refund') return text;
  if (kind === 'unapplied' && amount !== null && currency) {
    return `A further payment of ${formatMoney({ amount, currency })} came in.`;
  }
  return undefined;
}
