import { z } from 'zod';
import { letter } from '../../messages/letter.ts';
import { minuteWithZone } from '../../platform/figures.ts';
import { inWords } from '../../platform/in-words.ts';
import { findReviewItem, type ReviewItem } from '../desk/review-items.ts';

interface ReviewNotice {
  readonly item: ReviewItem;
  /** The item in the console. */
  readonly url: string;
}

/** To the operator: a question waits for a person. */
export const reviewNotice = letter({
  kind: 'review_notice',
  data: z.object({ item: z.number() }),
  async load({ item: id }, { db, publicUrl }) {
    const item = await findReviewItem(db, id);
    if (item?.state !== 'open') return { skipped: `the question is ${item?.state ?? 'not there'} by now` };
    return { item, url: `${publicUrl}/console/reviews/${item.id}` };
  },
  render({ item, url }: ReviewNotice, { business }) {
    return {
      subject: `A decision is needed: ${inWords(item.kind)}`,
      opening: [item.summary],
      facts: [
        { name: 'Question', value: inWords(item.kind) },
        { name: 'About', value: item.subject },
        { name: 'Since', value: minuteWithZone(item.opened_at, business.timeZone) },
      ],
      link: { url, text: 'Decide in the console' },
    };
  },
});
