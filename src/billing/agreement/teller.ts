import type { Knex } from 'knex';
import type { z } from 'zod';
import type { Letter } from '../../messages/letter.ts';
import { announce, type Envelope, type OutgoingEvent, queueLetter } from '../../messages/outbox.ts';

/**
 * Telling is the only edge: everything else may be done again over everything, and says nothing. What a dependent has to
 * tell it gives to the teller, who knows whether this is the moment.
 */
export interface Teller {
  letter<Data extends z.ZodType>(
    letter: Letter<Data>,
    data: z.input<Data>,
    envelope: Envelope,
    happened: Happened,
  ): Promise<void>;
  event(event: OutgoingEvent, happened: Happened): Promise<void>;
}

export interface Happened {
  readonly at: Date;
  /** Seconds after which nobody is told any more by himself: a mail about a card that was declined last month helps nobody. */
  readonly tellWithin: number;
}

/**
 * - `news`: what has just happened, unless that was too long ago
 * - `older`: however long ago it was; somebody has asked for it
 * - `nothing`: a repair, or everything once more
 */
export type Telling = 'news' | 'older' | 'nothing';

/** @param told is given how many messages were queued, each time; what was queued before counts nothing */
export function teller(trx: Knex.Transaction, telling: Telling, told: (messages: number) => void = () => {}): Teller {
  const of = ({ at, tellWithin }: Happened) => (telling === 'news' ? { happened: { at, within: tellWithin } } : {});
  return {
    async letter(letter, data, envelope, happened) {
      if (telling !== 'nothing') told(await queueLetter(trx, letter, data, { ...envelope, ...of(happened) }));
    },
    async event(event, happened) {
      if (telling !== 'nothing') told(await announce(trx, { ...event, ...of(happened) }));
    },
  };
}
