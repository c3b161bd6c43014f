import type { VNode } from 'preact';
import { type AttemptRow, attemptsOfInvoice } from '../../../billing/own-invoices/checkout-attempts.ts';
import { amountsOfInvoice, findInvoice, type OwnInvoice } from '../../../billing/own-invoices/invoices.ts';
import { type LogRow, paymentLogOf } from '../../../billing/own-invoices/payment-log.ts';
import { INVOICE_ID, tokenOf } from '../../../billing/own-invoices/public-link.ts';
import { inWords } from '../../../platform/in-words.ts';
import { countedExtras, invoiceState } from '../../../views/invoice/invoice-state.ts';
import { LineTable } from '../../../views/invoice/line-table.tsx';
import { StateChip } from '../../../views/invoice/state-chip.tsx';
import { room } from '../frame/room.ts';
import { AuditTrail } from '../parts/audit-trail.tsx';
import { stripeDocuments } from '../records/invoice-records.ts';
import type { AuditRow, ReviewRow, StripeDocument } from '../records/records.ts';
import { auditOf, reviewsOfInvoice } from '../records/review-records.ts';
import { InvoiceActions, invoiceForms } from './invoice-actions.tsx';
import { Documents, Facts, Link, Log, Sessions } from './invoice-facts.tsx';

/** Everything about one own invoice. */
interface Content {
  readonly invoice: OwnInvoice;
  /** The public link; undefined for what was never issued. */
  readonly link: string | undefined;
  readonly log: readonly LogRow[];
  /** Newest first. */
  readonly attempts: readonly AttemptRow[];
  readonly documents: readonly StripeDocument[];
  readonly reviews: readonly ReviewRow[];
  readonly audit: readonly AuditRow[];
}

export const invoice = room({
  path: '/invoices/:id',
  id: INVOICE_ID,
  linked: true,
  says: { created: 'The draft is saved.', changed: 'The draft is changed.' },
  forms: invoiceForms,
  async read({ id }, { billing: { db, publicUrl } }): Promise<Content | undefined> {
    const found = await findInvoice(db, id);
    if (!found) return undefined;
    const [token, log, attempts, documents, reviews, audit] = await Promise.all([
      tokenOf(db, found),
      paymentLogOf(db, id),
      attemptsOfInvoice(db, id),
      stripeDocuments(db, found.payment_intent),
      reviewsOfInvoice(db, id),
      auditOf(db, id),
    ]);
    const link = found.number ? `${publicUrl}/i/${token}` : undefined;
    return { invoice: found, link, log, attempts, documents, reviews, audit };
  },
  page: (content, { mayChange, today }) => ({
    title: content.invoice.number ? `Invoice ${content.invoice.number}` : 'Draft invoice',
    beside: <StateChip state={invoiceState(content.invoice, content.attempts[0], today)} />,
    body: <Story {...content} mayChange={mayChange} today={today} />,
  }),
});

interface StoryProps extends Content {
  readonly mayChange: boolean;
  readonly today: string;
}

function Story(props: StoryProps): VNode {
  const { invoice, link, log, attempts, documents, reviews, audit, mayChange, today } = props;
  const counted = countedExtras(invoiceState(invoice, attempts[0], today), invoice, attempts[0]);
  return (
    <>
      {reviews
        .filter(({ state: answer }) => answer === 'open')
        .map((item) => (
          <p key={item.id} class="flash problem">
            <a href={`/console/reviews/${item.id}`}>A decision is needed: {inWords(item.kind)}.</a> {item.summary}
          </p>
        ))}
      {link ? <Link link={link} /> : null}
      {mayChange ? <InvoiceActions invoice={invoice} /> : null}
      <Facts invoice={invoice} />
      <section>
        <h2>Lines</h2>
        <LineTable invoice={invoice} lines={invoice.lines} amounts={amountsOfInvoice(invoice, counted)} />
        {invoice.lines.some(({ optional }) => optional) ? (
          <p class="hint">Extras are counted once the customer has ticked and paid them.</p>
        ) : null}
      </section>
      <Log log={log} />
      <Sessions attempts={attempts} />
      <Documents documents={documents} />
      <AuditTrail audit={audit} />
    </>
  );
}
