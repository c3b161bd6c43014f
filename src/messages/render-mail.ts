import { findInvoice } from '../billing/invoices/invoices.ts';
import { tokenOf } from '../billing/invoices/public-link.ts';
import { findReviewItem } from '../billing/review/review-items.ts';
import { invoiceIssuedMail } from '../views/mails/invoice-issued.tsx';
import { paymentFailedMail } from '../views/mails/payment-failed.tsx';
import { receiptMail } from '../views/mails/receipt.tsx';
import { reviewNoticeMail } from '../views/mails/review-notice.tsx';
import type { MailText } from './mail-transport.ts';
import type { MessageRow } from './messages.ts';
import type { MailKind } from './outbox.ts';
import type { SenderDeps } from './send-message.ts';

type RenderDeps = Pick<SenderDeps, 'db' | 'business' | 'publicUrl'>;
type Renderer = (data: MessageRow['data'], deps: RenderDeps) => Promise<MailText | undefined>;

/** Mail kind → what it reads → its template. */
const RENDERERS: Record<MailKind, Renderer> = {
  invoice_issued: async (data, deps) => ofInvoice(data, deps, invoiceIssuedMail),
  receipt: async (data, deps) => ofInvoice(data, deps, receiptMail),
  payment_failed: async (data, deps) =>
    ofInvoice(data, deps, (props) => paymentFailedMail({ ...props, words: String(data.words) })),
  review_notice: async (data, { db, business, publicUrl }) => {
    const item = await findReviewItem(db, Number(data.item));
    return item && reviewNoticeMail({ business, item, url: `${publicUrl}/console/reviews/${item.id}` });
  },
};

/** @returns undefined when the mail has nothing to speak of any more */
export async function renderMail(message: MessageRow, deps: RenderDeps): Promise<MailText | undefined> {
  const renderers: Readonly<Record<string, Renderer>> = RENDERERS;
  const renderer = renderers[message.kind];
  if (!renderer) throw new Error(`There is no template for mails of kind ${message.kind}`);
  return renderer(message.data, deps);
}

async function ofInvoice(
  data: MessageRow['data'],
  { db, business, publicUrl }: RenderDeps,
  template: typeof receiptMail,
): Promise<MailText | undefined> {
  const invoice = await findInvoice(db, String(data.invoice));
  return invoice && template({ business, invoice, url: `${publicUrl}/i/${await tokenOf(db, invoice)}` });
}
