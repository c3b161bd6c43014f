import { z } from 'zod';
import { letter } from '../../messages/letter.ts';
import { inWords } from '../../platform/in-words.ts';
import { type Told, toldBy } from '../desk/review-notices.ts';

/** Summaries in one mail; of the others only their number is told. */
const MOST_SUMMARIES = 10;

interface ReviewDigest {
  readonly told: Told;
  /** The list of questions in the console. */
  readonly url: string;
}

/** To the operator: several questions wait for a person. */
export const reviewDigest = letter({
  kind: 'review_digest',
  data: z.object({ notice: z.number() }),
  async load({ notice }, { db, publicUrl }) {
    const told = await toldBy(db, notice, MOST_SUMMARIES);
    if (told.count === 0) return { skipped: 'all of its questions are answered by now' };
    return { told, url: `${publicUrl}/console/reviews` };
  },
  render({ told, url }: ReviewDigest) {
    const more = told.count - told.first.length;
    return {
      subject: `Decisions are needed: ${told.count} questions`,
      opening: [
        `${told.count} questions wait for a person.`,
        ...told.first.map(({ id, subject, summary }) => `${id} (${subject}): ${summary}`),
        ...(more > 0 ? [`And ${more} more.`] : []),
      ],
      facts: told.kinds.map(({ kind, count }) => ({ name: inWords(kind), value: String(count) })),
      link: { url, text: 'Decide in the console' },
    };
  },
});
