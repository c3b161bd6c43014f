import type { Told } from '../../billing/desk/review-notices.ts';
import type { MailText } from '../../messages/mail-transport.ts';
import type { Business } from '../business.ts';
import { inWords } from '../in-words.ts';
import { mailOf } from './letter.tsx';

/** Summaries in one mail; of the others only their number is told. */
export const MOST_SUMMARIES = 10;

export interface ReviewDigestProps {
  readonly business: Business;
  readonly told: Told;
  /** The list of questions in the console. */
  readonly url: string;
}

/** To the operator: several questions wait for a person. */
export function reviewDigestMail({ business, told, url }: ReviewDigestProps): MailText {
  const more = told.count - told.first.length;
  return mailOf({
    business,
    subject: `Decisions are needed: ${told.count} questions`,
    opening: [
      `${told.count} questions wait for a person.`,
      ...told.first.map(({ id, subject, summary }) => `${id} (${subject}): ${summary}`),
      ...(more > 0 ? [`And ${more} more.`] : []),
    ],
    facts: told.kinds.map(({ kind, count }) => ({ name: inWords(kind), value: String(count) })),
    link: { url, text: 'Decide in the console' },
  });
}
