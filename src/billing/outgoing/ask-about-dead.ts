import type { Knex } from 'knex';
import type { MessageRow } from '../../messages/messages.ts';
import type { Dead } from '../../messages/record-end.ts';
import { bug } from '../../platform/errors.ts';
import { askPerson } from '../desk/review-items.ts';
import { aboutEndpoint } from './questions.ts';

/** Asks a person when a message will not arrive. No address of a customer, no path of a URL: this is announced. */
export async function askAboutDead(trx: Knex.Transaction, dead: Dead): Promise<void> {
  switch (dead.end) {
    case 'gone':
      return askAboutGone(trx, dead.message, dead.endpoint);
    case 'undelivered':
      if (!speaksOfReview(dead.message)) await askAboutUndelivered(trx, dead.message, dead.brief);
  }
}

/**
 * A notice of a question that can't be delivered must not become a question with a notice of its own, which could not be
 * delivered either, and so on. The question that it spoke of is open in the console all the same.
 */
function speaksOfReview({ kind }: MessageRow): boolean {
  return kind === 'review_notice' || kind === 'review_digest' || kind === 'review.raised';
}

/** One open question per endpoint, and one per mail. */
async function askAboutUndelivered(trx: Knex.Transaction, message: MessageRow, brief: string): Promise<void> {
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

async function askAboutGone(trx: Knex.Transaction, message: MessageRow, endpoint: number): Promise<void> {
  await askPerson(trx, {
    kind: 'webhook_gone',
    subject: subjectOf(message),
    summary: `${hostOf(message)} answered 410 Gone and is told nothing any more. "webhook remove" confirms that, "webhook enable" tells it again.`,
    details: { endpoint, message: message.id, kind: message.kind },
  });
}

function subjectOf({ endpoint }: MessageRow): string {
  return aboutEndpoint(endpoint ?? bug('a webhook to nobody'));
}

function hostOf({ url }: MessageRow): string {
  return new URL(url ?? bug('a webhook without a URL')).host;
}
