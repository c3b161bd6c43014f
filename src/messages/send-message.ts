import type { Db } from '../platform/db.ts';
import { type Log, messageOf } from '../platform/log.ts';
import type { MailTransport } from './mail-transport.ts';
import { type AttemptEnd, claimMessage, type MessageRow, recordFailed, recordSent, recordSkipped } from './messages.ts';
import { OPERATOR } from './outbox.ts';
import { postWebhook } from './outgoing-webhook.ts';
import { renderMail } from './render-mail.ts';
import { retryAfter } from './retry-schedule.ts';

/** One try to send one message. */
export interface SenderDeps {
  readonly db: Db;
  readonly log: Log;
  /** Undefined: no SMTP_URL, mails are skipped. */
  readonly mail: MailTransport | undefined;
  readonly operatorEmail: string | undefined;
  readonly allowPrivateWebhooks: boolean;
  readonly business: { readonly name: string; readonly details: string };
  readonly publicUrl: string;
}

export async function sendMessage(id: string, deps: SenderDeps): Promise<void> {
  const message = await claimMessage(deps.db, id);
  // Sent already, or another worker is at it.
  if (!message) return;
  const started = performance.now();
  const ended = (ok: boolean, answer: string): AttemptEnd => ({ ok, answer, durationMs: performance.now() - started });
  try {
    const answer = await deliver(message, deps);
    if (typeof answer === 'object') {
      await recordSkipped(deps.db, message, answer.skipped);
    } else {
      await recordSent(deps.db, message, ended(true, answer));
    }
    log(deps.log, message, typeof answer === 'object' ? 'skipped' : 'sent');
  } catch (error) {
    await recordFailed(deps.db, message, ended(false, messageOf(error)), retryAfter(message.attempts));
    log(deps.log, message, 'failed', messageOf(error));
  }
}

async function deliver(message: MessageRow, deps: SenderDeps): Promise<string | { skipped: string }> {
  if (message.channel === 'webhook') {
    return postWebhook({
      id: message.id,
      url: message.url ?? '',
      secret: message.secret ?? '',
      body: JSON.stringify(message.data),
      allowPrivate: deps.allowPrivateWebhooks,
    });
  }
  if (!deps.mail) return { skipped: 'SMTP_URL is not set' };
  const to = message.recipient === OPERATOR ? deps.operatorEmail : message.recipient;
  if (!to) return { skipped: 'OPERATOR_EMAIL is not set' };
  const mail = await renderMail(message, deps);
  return mail ? deps.mail.send(to, message.id, mail) : { skipped: 'what it speaks of is not there any more' };
}

function log(to: Log, message: MessageRow, outcome: string, error?: string): void {
  to.info('message', {
    message_id: message.id,
    channel: message.channel,
    kind: message.kind,
    attempt: message.attempts,
    outcome,
    ...(error ? { error } : {}),
  });
}
