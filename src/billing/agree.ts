import type { Knex } from 'knex';
import { type Db, firstRow } from '../platform/db.ts';
import { messageOf } from '../platform/log.ts';
import { type Agreement, dependentsOf, RECORD_KINDS, run } from './agreement/bring-into-agreement.ts';
import type { Agree } from './agreement/dependent.ts';
import { leaveMark } from './agreement/marks.ts';
import type { RecordKind } from './agreement/records.ts';
import { recordAudit } from './desk/audit-log.ts';
import { type FoundRecord, recordCounts, recordPages } from './record-pages.ts';

/**
 * Runs one dependent over everything: the backfill of a new one, and the repair after a mistake. It writes state and tells
 * nothing, unless older messages are what somebody wants.
 */
export interface Agreeing {
  readonly dependent: string;
  /** Only records of which something happened since. */
  readonly since: Date;
  /** `count`: as `older`, but all of it is taken back: only how many messages that would be is wanted. */
  readonly telling: 'nothing' | 'older' | 'count';
}

export interface AgreedOn {
  /** Gone through. */
  readonly records: number;
  /** Queued, or with `count` those that would be. */
  readonly messages: number;
  /** What failed, by record. */
  readonly failed: readonly string[];
}

const PAGE = 200;

/** Kinds of records that the dependent is derived from. */
export function recordsOf({ dependents }: Pick<Agreement, 'dependents'>, dependent: string): RecordKind[] {
  return RECORD_KINDS.filter((record) => Object.hasOwn(dependents[record], dependent));
}

/** Names of all dependents. */
export function namesOf({ dependents }: Pick<Agreement, 'dependents'>): string[] {
  return [...new Set(RECORD_KINDS.flatMap((record) => Object.keys(dependents[record])))].sort();
}

export async function countRecords(
  db: Db,
  agreement: Agreement,
  { dependent, since }: Pick<Agreeing, 'dependent' | 'since'>,
): Promise<number> {
  const counted = recordsOf(agreement, dependent).map((record) =>
    firstRow<{ count: number }>(db, recordCounts[record], [since]),
  );
  return (await Promise.all(counted)).reduce((sum, row) => sum + (row?.count ?? 0), 0);
}

/** Yields after each page how far it has come. It may be stopped and begun anew at any time. */
export async function* agreeOverAll(db: Db, agreement: Agreement, wanted: Agreeing): AsyncGenerator<AgreedOn> {
  let sum: AgreedOn = { records: 0, messages: 0, failed: [] };
  yield sum;
  for (const record of recordsOf(agreement, wanted.dependent)) {
    for await (const page of pagesOf(db, record, agreement, wanted)) {
      sum = {
        records: sum.records + page.records,
        messages: sum.messages + page.messages,
        failed: [...sum.failed, ...page.failed],
      };
      yield sum;
    }
  }
}

/** Queues what is older than news, which can't be called back: it is on record before the first. @param messages as they were counted */
export async function* tellOlder(
  db: Db,
  agreement: Agreement,
  { dependent, since }: Omit<Agreeing, 'telling'>,
  { actor, reason, messages }: { readonly actor: string; readonly reason: string; readonly messages: number },
): AsyncGenerator<AgreedOn> {
  const details = { messages, since: since.toISOString() };
  await recordAudit(db, { actor, action: 'agree.tell', subject: dependent, reason, details });
  yield* agreeOverAll(db, agreement, { dependent, since, telling: 'older' });
}

async function* pagesOf<R extends RecordKind>(
  db: Db,
  record: R,
  agreement: Agreement,
  { dependent, since, telling }: Agreeing,
): AsyncGenerator<AgreedOn> {
  const agree = dependentsOf<R>(agreement.dependents, { record })[dependent];
  for (let after: string | null = null; agree; ) {
    const found: FoundRecord<R>[] = await recordPages[record](db, { after, since, limit: PAGE });
    const last = found.at(-1);
    if (!last) return;
    yield telling === 'count'
      ? await takenBack(db, (trx) => agreeOnAll(trx, { record, found, agree, dependent, agreement, tells: true }))
      : await agreeOnAll(db, { record, found, agree, dependent, agreement, tells: telling === 'older' });
    after = last.id;
  }
}

interface Batch<R extends RecordKind> {
  readonly record: R;
  readonly found: readonly FoundRecord<R>[];
  readonly agree: Agree<R>;
  readonly dependent: string;
  readonly agreement: Agreement;
  readonly tells: boolean;
}

async function agreeOnAll<R extends RecordKind>(
  db: Db | Knex.Transaction,
  { record, found, agree, dependent, agreement, tells }: Batch<R>,
): Promise<AgreedOn> {
  let messages = 0;
  const failed: string[] = [];
  const told = (queued: number): void => {
    messages += queued;
  };
  for (const { id, turned } of found) {
    const before = messages;
    try {
      await db.transaction((trx) =>
        run(
          trx,
          agree,
          { record, id, turned: tells ? turned : undefined },
          agreement,
          tells ? 'older' : 'nothing',
          told,
        ),
      );
    } catch (error) {
      messages = before;
      failed.push(`${record} ${id}: ${messageOf(error)}`);
      await db.transaction((trx) => leaveMark(trx, { record, id }, dependent, messageOf(error)));
    }
  }
  return { records: found.length, messages, failed };
}

async function takenBack<T>(db: Db, work: (trx: Knex.Transaction) => Promise<T>): Promise<T> {
  const trx = await db.transaction();
  try {
    return await work(trx);
  } finally {
    await trx.rollback();
  }
}
