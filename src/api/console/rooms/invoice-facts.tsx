import type { VNode } from 'preact';
import type { AttemptRow } from '../../../billing/own-invoices/checkout-attempts.ts';
import type { OwnInvoice } from '../../../billing/own-invoices/invoices.ts';
import type { LogRow } from '../../../billing/own-invoices/payment-log.ts';
import { inWords } from '../../../platform/in-words.ts';
import { formatMoney } from '../../../platform/money.ts';
import { Fact, When } from '../parts/facts.tsx';
import { PaymentLink } from '../parts/subject-link.tsx';
import { Table } from '../parts/table.tsx';
import type { StripeDocument } from '../records/records.ts';

/** What the room of an own invoice shows, part by part. */

export function Link({ link }: { readonly link: string }): VNode {
  return (
    <div class="link">
      <label>
        Link for the customer
        <input readonly value={link} />
      </label>
      <a class="button quiet" href={link} target="_blank" rel="noopener noreferrer">
        Open
      </a>
    </div>
  );
}

export function Facts({ invoice }: { readonly invoice: OwnInvoice }): VNode {
  const { issued_at: issued, paid_at: paid, voided_at: voided, paid_amount: amount, currency } = invoice;
  return (
    <dl class="record">
      <Fact name="Customer">
        <span class="text">{invoice.customer_name}</span>
      </Fact>
      <Fact name="E-mail">{invoice.customer_email}</Fact>
      <Fact name="Address">
        {invoice.customer_address ? <span class="text">{invoice.customer_address}</span> : null}
      </Fact>
      <Fact name="Due">{invoice.due_date}</Fact>
      <Fact name="Series">{invoice.series ?? 'the year of its issue'}</Fact>
      <Fact name="Prices">{invoice.prices_include_tax ? 'include tax' : 'without tax'}</Fact>
      <Fact name="Notes">{invoice.notes ? <span class="text">{invoice.notes}</span> : null}</Fact>
      <Fact name="Created">
        <When at={invoice.created_at} /> by {invoice.created_by}
      </Fact>
      <Fact name="Issued">{issued ? <When at={issued} /> : null}</Fact>
      <Fact name="Paid">
        {paid && amount !== null ? (
          <>
            <When at={paid} />, {formatMoney({ amount, currency })}, <PaymentLink id={invoice.payment_intent} />
          </>
        ) : null}
      </Fact>
      <Fact name="Void since">{voided ? <When at={voided} /> : null}</Fact>
      <Fact name="Id">
        <code>{invoice.id}</code>
      </Fact>
    </dl>
  );
}

export function Log({ log }: { readonly log: readonly LogRow[] }): VNode {
  return (
    <section>
      <h2>Payment log</h2>
      <Table
        caption="What happened about its payment, oldest first"
        columns={['Time', 'What', 'In words', 'Payment']}
        empty="Nothing has happened yet."
        rows={log.map((entry) => ({
          key: `${entry.at.toISOString()} ${entry.kind} ${entry.stripe_session} ${entry.payment_intent}`,
          cells: [
            <When key="at" at={entry.at} />,
            inWords(entry.kind),
            entry.text,
            <PaymentLink key="pi" id={entry.payment_intent} />,
          ],
        }))}
      />
    </section>
  );
}

export function Sessions({ attempts }: { readonly attempts: readonly AttemptRow[] }): VNode {
  return (
    <section>
      <h2>Checkout Sessions</h2>
      <Table
        caption="Payment pages that were opened, newest first"
        columns={['Opened', 'State', 'Amount', 'Extras', 'Session']}
        numbers={['Amount', 'Extras']}
        empty="The payment page was not opened yet."
        rows={attempts.map((attempt) => ({
          key: String(attempt.id),
          cells: [
            <When key="at" at={attempt.created_at} />,
            attempt.refusal ? `${attempt.state}: ${attempt.refusal}` : attempt.state,
            formatMoney(attempt),
            attempt.extras.length,
            <code key="id">{attempt.stripe_session ?? '–'}</code>,
          ],
        }))}
      />
    </section>
  );
}

export function Documents({ documents }: { readonly documents: readonly StripeDocument[] }): VNode | null {
  if (documents.length === 0) return null;
  return (
    <section>
      <h2>Stripe invoice</h2>
      <ul>
        {documents.map(({ stripe_invoice: id, number, step, hosted_invoice_url: url, invoice_pdf: pdf }) => (
          <li key={id}>
            {number ?? 'no number yet'} ({step}) <code>{id}</code> {webLink(url, 'page')} {webLink(pdf, 'PDF')}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Addresses that came from outside become links only when they are web addresses. */
function webLink(url: string | null, text: string): VNode | null {
  return url && /^https?:\/\//.test(url) ? (
    <a href={url} rel="noopener noreferrer">
      {text}
    </a>
  ) : null;
}
