import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import { z } from 'zod';
import type { OwnInvoice } from '../../../billing/own-invoices/invoices.ts';
import { issueInvoice, renewLink, voidInvoice } from '../../../billing/own-invoices/manage-invoice.ts';
import { form } from '../frame/form.ts';
import { line, reason } from '../frame/typed.ts';
import { PlaceContext } from '../parts/place.ts';
import { ReasonForm } from '../parts/reason-form.tsx';

const issue = form({
  path: '/issue',
  fields: z.object({ mail: line }),
  says: {
    issued: 'The invoice is issued. Send its link to the customer.',
    sent: 'The invoice is issued, and a mail with its link is on its way to the customer.',
  },
  async send(typed, { id, actor }, { billing }) {
    const mail = typed.mail === 'yes';
    await issueInvoice(id, { mail }, actor, billing);
    return { done: mail ? 'sent' : 'issued' };
  },
});

const voiding = form({
  path: '/void',
  fields: z.object({ reason }),
  says: { voided: 'The invoice is void. It can’t be paid any more.' },
  async send({ reason }, { id, actor }, { billing }) {
    await voidInvoice(id, actor, reason, billing);
    return { done: 'voided' };
  },
});

const link = form({
  path: '/link',
  // A second press must not take away the link that the first one has made: the page says which one it shows.
  fields: z.object({
    reason,
    version: line
      .refine((typed) => /^\d{0,9}$/.test(typed), 'This page does not say which link it shows: open it anew.')
      .transform((typed) => (typed === '' ? undefined : Number(typed))),
  }),
  says: { renewed: 'The invoice has a new link. The old one leads nowhere now.' },
  async send({ reason, version }, { id, actor }, { billing }) {
    await renewLink(id, actor, reason, billing, version);
    return { done: 'renewed' };
  },
});

export const invoiceForms = [issue, voiding, link];

/** What an operator may do with an invoice in its state. */
export function InvoiceActions({ invoice }: { readonly invoice: OwnInvoice }): VNode | null {
  const { address } = useContext(PlaceContext);
  if (invoice.status === 'void') return null;
  const draft = invoice.status === 'draft';
  return (
    <div class="actions">
      {draft ? <IssueForm action={`${address}${issue.path}`} email={invoice.customer_email} /> : null}
      {draft ? (
        <a class="button quiet" href={`${address}/edit`}>
          Edit
        </a>
      ) : (
        <ReasonForm
          summary="New link…"
          form={link}
          effect="The invoice gets a new link at once. Whoever has the old one sees nothing any more; a payment page that is open already can still be paid."
          button="Make a new link"
          hidden={{ version: invoice.link_version }}
        />
      )}
      {invoice.status === 'paid' ? null : (
        <ReasonForm
          summary="Void…"
          form={voiding}
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

function IssueForm({ action, email }: { readonly action: string; readonly email: string | null }): VNode {
  return (
    <form method="post" action={action} class="row">
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
