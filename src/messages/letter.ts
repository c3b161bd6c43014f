import { z } from 'zod';
import type { Db } from '../platform/db.ts';
import type { Reader, Words } from '../platform/words.ts';

/**
 * A letter is one kind of mail in one file: what it is about, what it reads, and what it says. It is queued with ids, and
 * written when it is sent, from what is true then: a mail that waited for its server says nothing that has become untrue.
 */
export interface Letter<Data extends z.ZodType = z.ZodType> {
  /** As in `messages.kind`; a word of its own for ever, since rows of earlier releases bear it. */
  readonly kind: string;
  readonly data: Data;
  /** @param data of a row, perhaps written by another release; @throws Error when it does not fit */
  write(data: unknown, from: Source, to: Reader): Promise<Words | Skipped>;
}

/** There is nothing left to say, and why. */
export interface Skipped {
  readonly skipped: string;
}

/** What a letter may read. */
export interface Source {
  readonly db: Db;
  /** Under which customers reach the pages, without a slash at its end. */
  readonly publicUrl: string;
}

interface LetterParts<Data extends z.ZodType, Truth extends object> {
  readonly kind: string;
  /** Ids and the little that can't be read any more when it is sent. What an earlier release left out is optional. */
  readonly data: Data;
  readonly load: (data: z.output<Data>, from: Source) => Promise<Truth | Skipped>;
  /** Pure. */
  readonly render: (truth: Truth, to: Reader) => Words;
}

export function letter<Data extends z.ZodType, Truth extends object>({
  kind,
  data,
  load,
  render,
}: LetterParts<Data, Truth>): Letter<Data> & Pick<LetterParts<Data, Truth>, 'load' | 'render'> {
  return {
    kind,
    data,
    load,
    render,
    async write(given, from, to) {
      const parsed = data.safeParse(given);
      if (!parsed.success) throw new Error(`The data of a ${kind} does not fit: ${z.prettifyError(parsed.error)}`);
      const truth = await load(parsed.data, from);
      return isSkipped(truth) ? truth : render(truth, to);
    },
  };
}

function isSkipped(truth: object): truth is Skipped {
  return 'skipped' in truth;
}
