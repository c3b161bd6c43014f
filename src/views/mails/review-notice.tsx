import type { ReviewItem } from '../../billing/desk/review-items.ts';
import type { MailText } from '../../messages/mail-transport.ts';
import type { Business } from '../business.ts';
import { minuteWithZone } from '../figures.ts';
import { inWords } from '../in-words.ts';
import { mailOf, type Row } from './letter.tsx';

export interface ReviewNoticeProps {
  readonly business: Business;
  readonly item: ReviewItem;
  /** The item in the console. */
  readonly url: string;
}

/** To the operator: a question waits for a person. */
export function reviewNoticeMail({ business, item, url }: ReviewNoticeProps): MailText {
  const facts: Row[] = [
    { name: 'Question', value: inWords(item.kind) },
    { name: 'About', value: item.subject },
    { name: 'Since', value: minuteWithZone(item.opened_at, business.timeZone) },
  ];
  return mailOf({
    business,
    subject: `A decision is needed: ${inWords(item.kind)}`,
    opening: [item.summary],
    facts,
    link: { url, text: 'Decide in the console' },
  });
}
