import type { Knex } from 'knex';
import type { Db } from '../../platform/db.ts';
import { type Log, messageOf } from '../../platform/log.ts';
import type { Agree, Dependents, World } from './dependent.ts';
import { leaveMark, type Mark, putOff, removeMark, takeMark } from './marks.ts';
import { type Changed, RECORDS, type RecordKind, turnOf } from './records.ts';
import { type Telling, teller } from './teller.ts';

/** Whoever changes a record says so in the same transaction: what is derived from it changes with it. */
export type SayChanged = <R extends RecordKind>(trx: Knex.Transaction, changed: Changed<R>) => Promise<void>;

/** Dependents, and what they are run with. */
export interface Agreement extends World {
  readonly dependents: Dependents;
  readonly log: Log;
}

/**
 * Runs the dependents of a changed record in the transaction of the change. One that fails holds up neither the change nor
 * the others: it leaves a mark, and is run again.
 */
export function sayingChanged(agreement: Agreement): SayChanged {
  return async (trx, changed) => {
    const all = Object.entries(dependentsOf(agreement.dependents, changed));
    try {
      // Mostly all is well, and one savepoint is enough.
      await trx.transaction(async (savepoint) => {
        for (const [, agree] of all) await run(savepoint, agree, changed, agreement, 'news');
      });
    } catch {
      for (const [name, agree] of all) await runOrMark(trx, name, agree, changed, agreement);
    }
  };
}

async function runOrMark<R extends RecordKind>(
  trx: Knex.Transaction,
  name: string,
  agree: Agree<R>,
  changed: Changed<R>,
  agreement: Agreement,
): Promise<void> {
  try {
    await trx.transaction((savepoint) => run(savepoint, agree, changed, agreement, 'news'));
  } catch (error) {
    const { record, id } = changed;
    agreement.log.warn('a dependent failed and is tried again', {
      dependent: name,
      record,
      id,
      error: messageOf(error),
    });
    await leaveMark(trx, changed, name, messageOf(error));
  }
}

/** @param told is given how many messages were queued, each time */
export async function run<R extends RecordKind>(
  trx: Knex.Transaction,
  agree: Agree<R>,
  changed: Changed<R>,
  { timeZone, policy, rules }: World,
  telling: Telling,
  told?: (messages: number) => void,
): Promise<void> {
  await agree(trx, changed, { timeZone, policy, rules, tell: teller(trx, telling, told) });
}

export function dependentsOf<R extends RecordKind>(
  dependents: Dependents,
  { record }: Pick<Changed<R>, 'record'>,
): Readonly<Record<string, Agree<R>>> {
  return dependents[record];
}

export const RECORD_KINDS = Object.keys(RECORDS).filter(isRecordKind);

export function isRecordKind(word: string): word is RecordKind {
  return Object.hasOwn(RECORDS, word);
}

/** Runs again what failed and is due. Any number of processes may. @returns how many came into agreement */
export async function retryMarks(db: Db, agreement: Agreement): Promise<number> {
  const known = RECORD_KINDS.flatMap((record) =>
    Object.keys(agreement.dependents[record]).map((name) => [record, name] as const),
  );
  let agreed = 0;
  for (;;) {
    const result = await db.transaction(async (trx) => {
      const mark = await takeMark(trx, known);
      return mark && retry(trx, mark, agreement);
    });
    if (result === undefined) return agreed;
    if (result) agreed += 1;
  }
}

async function retry(trx: Knex.Transaction, mark: Mark, agreement: Agreement): Promise<boolean> {
  const { record, subject: id, dependent } = mark;
  try {
    await trx.transaction(async (savepoint) => {
      if (isRecordKind(record)) await runMarked(savepoint, record, mark, agreement);
    });
  } catch (error) {
    agreement.log.warn('a dependent failed again', { dependent, record, id, error: messageOf(error) });
    await putOff(trx, mark, messageOf(error));
    return false;
  }
  await removeMark(trx, mark);
  agreement.log.info('a dependent is in agreement again', { dependent, record, id, tries: mark.tries + 1 });
  return true;
}

async function runMarked<R extends RecordKind>(
  trx: Knex.Transaction,
  record: R,
  { subject: id, turned, dependent }: Mark,
  agreement: Agreement,
): Promise<void> {
  const agree = dependentsOf<R>(agreement.dependents, { record })[dependent];
  if (agree) await run(trx, agree, { record, id, turned: turnOf(record, turned) }, agreement, 'news');
}
