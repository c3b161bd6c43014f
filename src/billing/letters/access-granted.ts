import { z } from 'zod';
import { letter } from '../../messages/letter.ts';
import { dayIn } from '../../platform/business-day.ts';
import { firstRow } from '../../platform/db.ts';
import { longDay } from '../../platform/figures.ts';
import { formatMoney } from '../../platform/money.ts';
import type { Row } from '../../platform/words.ts';

interface Granted {
  readonly bought: readonly string[];
  readonly link?: string | undefined;
  readonly amount: number;
  readonly currency: string;
  /** Null: without an end. */
  readonly until: Date | null;
}

/** To the buyer: what was bought can be used. */
export const accessGranted = letter({
  kind: 'access_granted',
  data: z.object({
    /** pi_… */
    payment: z.string(),
    /** In words of the policy. */
    bought: z.array(z.string()),
    link: z.string().optional(),
  }),
  async load({ payment, bought, link }, { db }) {
    const standing = await firstRow<{ amount: number; currency: string; until: Date | null }>(
      db,
      `SELECT amount, currency, (SELECT until FROM access_grants
                WHERE cause = 'payment:' || payment_intent AND ended_at IS NULL ORDER BY until DESC NULLS FIRST LIMIT 1) AS until
       FROM purchases WHERE account = '' AND payment_intent = :payment
         AND EXISTS (SELECT FROM access_grants WHERE cause = 'payment:' || payment_intent AND ended_at IS NULL)`,
      { payment },
    );
    return standing ? { ...standing, bought, link } : { skipped: 'what was bought was taken back meanwhile' };
  },
  render({ bought, link, amount, currency, until }: Granted, { business }) {
    const what = bought.join(', ');
    const facts: Row[] = [
      { name: 'Paid', value: formatMoney({ amount, currency }) },
      ...(until ? [{ name: 'Yours until', value: longDay(dayIn(business.timeZone, until)) }] : []),
    ];
    return {
      subject: `Your access to ${what}`,
      opening: ['Hello,', `thank you for your payment: ${what} is ready for you.`],
      facts,
      ...(link ? { link: { url: link, text: 'Go there' } } : {}),
    };
  },
});
