import { findReviewItem } from '../billing/desk/review-items.ts';
import { toldBy } from '../billing/desk/review-notices.ts';
import { findInvoice, type OwnInvoice } from '../billing/own-invoices/invoices.ts';
import { tokenOf } from '../billing/own-invoices/public-link.ts';
import { invoiceIssuedMail } from '../views/mails/invoice-issued.tsx';
import { paymentFailedMail } from '../views/mails/payment-failed.tsx';
import { receiptMail } from '../views/mails/receipt.tsx';
import { MOST_SUMMARIES, reviewDigestMail } from '../views/mails/review-digest.tsx';
import { reviewNoticeMail } from '../views/mails/review-notice.tsx';
import type { MailText } from './mail-transport.ts';
import type { MessageRow } from './messages.ts';
import type { MailKind } from './outbox.ts';
import type { SenderDeps } from './send-message.ts';

/**
 * Mails are rendered when they are sent, from what is true then: a mail that waited for its server says nothing that has
 * become untrue, and is skipped when there is nothing left to say.
 */
type RenderDeps = Pick<SenderDeps, 'db' | 'business' | 'publicUrl'>;
type Rendered = MailText | { readonly skipped: string };
type Renderer = (data: MessageRow['data'], deps: RenderDeps) => Promise<Rendered>;

/** Mail kind → what it reads → its template. */
const RENDERERS: Record<MailKind, Renderer> = {
  invoice_issued: async (data, deps) => ofInvoice(data, deps, 'issued', invoiceIssuedMail),
  receipt: async (data, deps) => {
    const method = typeof data.method === 'string' ? data.method : undefined;
    return ofInvoice(data, deps, 'paid', (props) => receiptMail({ ...props, method }));
  },
  payment_failed: async (data, deps) =>
    ofInvoice(data, deps, 'issued', (props) => paymentFailedMail({ ...props, words: String(data.words) })),
  review_notice: async (data, { db, business, publicUrl }) => {
    const item = await findReviewItem(db, Number(data.item));
    if (item?.state !== 'open') return { skipped: `the question is ${item?.state ?? 'not there'} by now` };
    return reviewNoticeMail({ business, item, url: `${publicUrl}/console/reviews/${item.id}` });
  },
  review_digest: async (data, { db, business, publicUrl }) => {
    const told = await toldBy(db, Number(data.notice), MOST_SUMMARIES);
    if (told.count === 0) return { skipped: 'all of its questions are answered by now' };
    return reviewDigestMail({ business, told, url: `${publicUrl}/console/reviews` });
  },
};

export async function renderMail(message: MessageRow, deps: RenderDeps): Promise<Rendered> {
  const renderers: Readonly<Record<string, Renderer>> = RENDERERS;
  const renderer = renderers[message.kind];
  if (!renderer) throw new Error(`There is no template for mails of kind ${message.kind}`);
  return renderer(message.data, deps);
}

async function ofInvoice(
  data: MessageRow['data'],
  { db, business, publicUrl }: RenderDeps,
  status: OwnInvoice['status'],
  template: typeof invoiceIssuedMail,
): Promise<Rendered> {
  const invoice = await findInvoice(db, String(data.invoice));
  if (invoice?.status !== status) return { skipped: `the invoice is ${invoice?.status ?? 'not there'} by now` };
  return template({ business, invoice, url: `${publicUrl}/i/${await tokenOf(db, invoice)}` });
}
