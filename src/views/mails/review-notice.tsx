import type { ReviewItem } from '../../billing/review/review-items.ts';
import type { MailText } from '../../messages/mail-transport.ts';

export interface ReviewNoticeProps {
  readonly business: { readonly name: string; readonly details: string };
  readonly item: ReviewItem;
  /** The item in the console. */
  readonly url: string;
}

export function reviewNoticeMail({ item, url }: ReviewNoticeProps): MailText {
  return {
    subject: `A decision is needed: ${item.kind}`,
    text: `${item.summary}\n${url}\n`,
    html: `<p>${item.summary}</p>`,
  };
}
