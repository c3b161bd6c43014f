import { z } from 'zod';
import type { Skipped, Source } from '../../messages/letter.ts';
import { rows } from '../../platform/db.ts';
import { ASKS, KINDS, type Unpaid } from './recovery-words.ts';

/** Which cases a letter tells: the one that was due first leads. */
export const recoveryData = z.object({
  tells: z
    .array(
      z.object({
        /** in_… */
        invoice: z.string(),
        letter: z.enum(KINDS),
        ask: z.enum(ASKS),
      }),
    )
    .min(1),
});

export interface UnpaidAtHand {
  readonly first: Unpaid;
  readonly others: readonly Unpaid[];
}

type Read = Omit<Unpaid, 'letter' | 'ask'> & { readonly invoice: string; readonly case_state: string };

/** What is still unpaid of it when it is sent. */
export async function unpaidAtHand(
  { tells }: z.output<typeof recoveryData>,
  { db }: Source,
): Promise<UnpaidAtHand | Skipped> {
  const found = await rows<Read>(
    db,
    `SELECT c.invoice, c.state AS case_state, coalesce(i.number, i.id) AS number, i.amount_remaining AS amount, i.currency,
            i.hosted_invoice_url AS url, i.next_payment_attempt AS next_attempt, s.status = 'canceled' AS is_canceled
     FROM recovery_cases c JOIN subscription_invoices i ON i.id = c.invoice JOIN subscriptions s ON s.id = c.subscription
     WHERE c.invoice = ANY(?) AND i.status IN ('open', 'uncollectible') AND c.stopped_at IS NULL
       AND NOT EXISTS (SELECT FROM recovery_unsubscribed u WHERE u.customer = c.customer)`,
    [tells.map(({ invoice }) => invoice)],
  );
  const unpaid = tells.flatMap(({ invoice: id, letter, ask }) => {
    const read = found.find(({ invoice }) => invoice === id);
    if (!read || (read.case_state === 'open') === (letter === 'ended')) return [];
    const { invoice: _, case_state: __, ...says } = read;
    return [{ ...says, letter, ask }];
  });
  const [first, ...others] = unpaid;
  return first ? { first, others } : { skipped: 'it is paid or has ended by now, or a person has stopped it' };
}
