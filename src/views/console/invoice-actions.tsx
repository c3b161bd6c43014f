import type { VNode } from 'preact';
import type { OwnInvoice } from '../../billing/own-invoices/invoices.ts';
import { ReasonForm } from './parts.tsx';

/** What an operator may do with an invoice in its state. */
export function InvoiceActions({ invoice }: { readonly invoice: OwnInvoice }): VNode | null {
  const at = `/console/invoices/${invoice.id}`;
  if (invoice.status === 'void') return null;
  const draft = invoice.status === 'draft';
  return (
    <div class="actions">
      {draft ? <IssueForm at={at} email={invoice.customer_email} /> : null}
      {draft ? (
        <a class="button quiet" href={`${at}/edit`}>
          Edit
        </a>
      ) : (
        <ReasonForm
          summary="New link…"
          action={`${at}/link`}
          effect="The invoice gets a new link at once. Whoever has the old one sees nothing any more; a payment page that is open already can still be paid."
          button="Make a new link"
          hidden={{ version: invoice.link_version }}
        />
      )}
      {invoice.status === 'paid' ? null : (
        <ReasonForm
          summary="Void…"
          action={`${at}/void`}
          effect={
            draft
              ? 'The draft is discarded. It gets no number.'
              : 'The invoice is cancelled for good: its number stays used, and it can’t be paid any more.'
          }
          button="Void it"
          danger
        />
      )}
    </div>
  );
}

function IssueForm({ at, email }: { readonly at: string; readonly email: string | null }): VNode {
  return (
    <form method="post" action={`${at}/issue`} class="row">
      {email ? (
        <button type="submit" name="mail" value="yes">
          Issue and mail it to {email}
        </button>
      ) : null}
      <button type="submit" name="mail" value="no" class={email ? 'quiet' : undefined}>
        {email ? 'Issue without a mail' : 'Issue'}
      </button>
    </form>
  );
}
