import type { Knex } from 'knex';
import { rows } from '../../platform/db.ts';
import type { LetterKind } from './next-letter.ts';

/** The table `recovery_letters`: what was written about which case. */
export interface WrittenLetter {
  readonly invoice: string;
  readonly kind: LetterKind;
  readonly at: Date;
}

/** From the first to the last. */
export async function lettersAbout(
  trx: Knex.Transaction,
  invoices: readonly string[],
): Promise<ReadonlyMap<string, readonly WrittenLetter[]>> {
  const found = await rows<WrittenLetter>(
    trx,
    'SELECT invoice, kind, at FROM recovery_letters WHERE invoice = ANY(?) ORDER BY at, id',
    [[...invoices]],
  );
  return Map.groupBy(found, ({ invoice }) => invoice);
}

/** Over all cases, each letter once however many it tells; of as long as a cap reaches back. @param now in his time */
export async function lettersToCustomer(trx: Knex.Transaction, customer: string, now: Date): Promise<Date[]> {
  const found = await rows<{ at: Date }>(
    trx,
    `SELECT DISTINCT ON (message_key) at FROM recovery_letters
     WHERE customer = :customer AND at > :now::timestamptz - interval '31 days' ORDER BY message_key, at`,
    { customer, now },
  );
  return found.map(({ at }) => at);
}

export async function recordLetter(
  trx: Knex.Transaction,
  letter: WrittenLetter & { readonly customer: string; readonly key: string },
): Promise<void> {
  await rows(
    trx,
    `INSERT INTO recovery_letters (invoice, customer, kind, at, message_key)
     VALUES (:invoice, :customer, :kind, :at, 'mail:' || :key)`,
    { ...letter },
  );
}
