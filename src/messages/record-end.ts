import type { Knex } from 'knex';
import { askPerson } from '../billing/desk/review-items.ts';
import type { Db } from '../platform/db.ts';
import { bug } from '../platform/errors.ts';
import { disableEndpoint } from './endpoints.ts';
import { type MessageRow, recordDead, recordRetry, recordSent, recordSkipped, type TryRecord } from './messages.ts';
import type { AfterFailure } from './retry-schedule.ts';

/** Writes down how a try ended, and asks a person when a message will not arrive. */
export type TryEnd =
  | ({ readonly end: 'sent' } & TryRecord)
  | { readonly end: 'skipped'; readonly why: string }
  | ({ readonly end: 'failed'; readonly brief: string; readonly after: AfterFailure } & TryRecord);

export async function recordEnd(db: Db, message: MessageRow, tried: TryEnd): Promise<void> {
  await db.transaction(async (trx) => {
    switch (tried.end) {
      case 'sent':
        return recordSent(trx, message, tried);
      case 'skipped':
        return recordSkipped(trx, message, tried.why);
      case 'failed':
        if (tried.after.end === 'retry') return recordRetry(trx, message, tried, tried.after.seconds);
        return bury(trx, message, tried, tried.after.end === 'gone');
    }
  });
}

type Failed = Extract<TryEnd, { end: 'failed' }>;

async function bury(trx: Knex.Transaction, message: MessageRow, tried: Failed, gone: boolean): Promise<void> {
  if (!(await recordDead(trx, message, tried))) return;
  // First, so that the question is not announced to the endpoint that has just gone.
  if (gone) await askAboutGone(trx, message);
  else if (!speaksOfReview(message)) await askAboutDead(trx, message, tried.brief);
}

/**
 * A notice of a question that can't be delivered must not become a question with a notice of its own, which could not be
 * delivered either, and so on. The question that it spoke of is open in the console all the same.
 */
function speaksOfReview({ kind }: MessageRow): boolean {
  return kind === 'review_notice' || kind === 'review_digest' || kind === 'review.raised';
}

/** One open question per endpoint, and one per mail. No address of a customer, no path of a URL: this is announced. */
async function askAboutDead(trx: Knex.Transaction, message: MessageRow, brief: string): Promise<void> {
  const { id, kind, attempts } = message;
  const details = { message: id, kind, tries: attempts, failure: brief };
  const again = `"messages list --state dead" shows what was not, "messages replay" sends it again.`;
  if (message.channel === 'mail') {
    await askPerson(trx, {
      kind: 'message_undelivered',
      subject: id,
      summary: `The mail ${kind} could not be delivered (${brief}). ${again}`,
      details,
    });
  } else {
    await askPerson(trx, {
      kind: 'message_undelivered',
      subject: subjectOf(message),
      summary: `${hostOf(message)} does not take events: ${kind} could not be delivered (${brief}). ${again}`,
      details,
    });
  }
}

/** 410: Standard Webhooks asks to stop. */
async function askAboutGone(trx: Knex.Transaction, message: MessageRow): Promise<void> {
  const endpoint = message.endpoint ?? bug(`message ${message.id} has no endpoint`);
  if (!(await disableEndpoint(trx, endpoint, 'It answered 410 Gone.'))) return;
  await askPerson(trx, {
    kind: 'webhook_gone',
    subject: subjectOf(message),
    summary: `${hostOf(message)} answered 410 Gone and is told nothing any more. "webhook remove" confirms that, "webhook enable" tells it again.`,
    details: { endpoint, message: message.id, kind: message.kind },
  });
}

function subjectOf({ endpoint }: MessageRow): string {
  return `endpoint:${endpoint}`;
}

function hostOf({ url }: MessageRow): string {
  return new URL(url ?? bug('a webhook without a URL')).host;
}
