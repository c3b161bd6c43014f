import type { Db } from '../platform/db.ts';
import { bug } from '../platform/errors.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { redactText } from '../platform/redaction.ts';
import { TimeIsUp, within } from '../platform/within.ts';
import type { MailText } from '../platform/words.ts';
import { type Claim, claimMessage, LEASE_SECONDS } from './claim-message.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import type { Skipped } from './letter.ts';
import type { MailTransport } from './mail-transport.ts';
import type { MessageRow } from './messages.ts';
import { OPERATOR } from './outbox.ts';
import { postWebhook } from './outgoing-webhook.ts';
import { type OnDead, recordEnd, type TryEnd } from './record-end.ts';
import { afterFailure } from './retry-schedule.ts';

/**
 * One try to send one message. Once it is taken by the other side this is recorded; if the process dies between the two, it
 * goes out again, with the same id: at least once, and recognisable.
 */
export interface SenderDeps {
  readonly db: Db;
  readonly log: Log;
  /** Undefined: no SMTP_URL, mails are skipped. */
  readonly mail: MailTransport | undefined;
  readonly operatorEmail: string | undefined;
  readonly allowPrivateWebhooks: boolean;
  /** Writes a mail from what is true now. */
  readonly render: RenderMail;
  /** Told in the transaction in which a message is given up. */
  readonly onDead: OnDead;
}

export type RenderMail = (mail: MailToWrite) => Promise<MailText | Skipped>;
export type MailToWrite = Pick<MessageRow, 'kind' | 'data' | 'locale'>;

/** A try ends before its lease does, whatever the other side does: nobody else sends while this one may still be at it. */
const TRY_MS = (LEASE_SECONDS - 15) * 1000;

export async function sendMessage(id: string, deps: SenderDeps): Promise<void> {
  const claim = await claimMessage(deps.db, id);
  // Sent already, or another worker is at it.
  if (!claim) return;
  const { message } = claim;
  const end = await tryOnce(claim, deps);
  // Outside of the try: when this fails the message is not called failed, but taken up again after the lease.
  await recordEnd(deps.db, message, end, deps.onDead);
  log(deps.log, message, end);
}

async function tryOnce({ message, tooMany }: Claim, deps: SenderDeps): Promise<TryEnd> {
  if (tooMany) return { end: 'skipped', why: tooMany };
  const started = performance.now();
  const durationMs = () => performance.now() - started;
  try {
    const delivered = await within(TRY_MS, `the try to send message ${message.id}`, () => deliver(message, deps));
    if ('skipped' in delivered) return { end: 'skipped', why: delivered.skipped };
    return { end: 'sent', answer: redactText(delivered.answer), durationMs: durationMs() };
  } catch (error) {
    return {
      end: 'failed',
      answer: messageOf(error),
      brief: briefOf(error),
      after: afterFailure(error, message.attempts, Math.random()),
      durationMs: durationMs(),
    };
  }
}

function briefOf(error: unknown): string {
  if (error instanceof DeliveryFailure) return error.brief;
  if (error instanceof TimeIsUp) return 'timeout';
  return error instanceof Error ? error.name : 'unknown';
}

type Delivered = { readonly answer: string } | Skipped;

async function deliver(message: MessageRow, deps: SenderDeps): Promise<Delivered> {
  return message.channel === 'webhook' ? deliverWebhook(message, deps) : deliverMail(message, deps);
}

async function deliverWebhook(message: MessageRow, { allowPrivateWebhooks }: SenderDeps): Promise<Delivered> {
  if (message.removed_at) return { skipped: 'the endpoint was removed' };
  if (message.disabled_at) return { skipped: 'the endpoint is disabled' };
  const answer = await postWebhook({
    id: message.id,
    url: message.url ?? bug(`message ${message.id} has no URL`),
    secret: message.secret ?? bug(`message ${message.id} has no secret`),
    body: JSON.stringify(message.data),
    allowPrivate: allowPrivateWebhooks,
  });
  return { answer };
}

async function deliverMail(message: MessageRow, deps: SenderDeps): Promise<Delivered> {
  if (!deps.mail) return { skipped: 'SMTP_URL is not set' };
  const to = message.recipient === OPERATOR ? deps.operatorEmail : message.recipient;
  if (!to) return { skipped: 'OPERATOR_EMAIL is not set' };
  const mail = await deps.render(message);
  return 'skipped' in mail ? mail : { answer: await deps.mail.send(to, message.id, mail) };
}

/** Nothing of what the other side said: it may hold an address. */
function log(to: Log, message: MessageRow, tried: TryEnd): void {
  to.info('message', {
    message_id: message.id,
    channel: message.channel,
    kind: message.kind,
    attempt: message.attempts,
    outcome: tried.end === 'failed' ? tried.after.end : tried.end,
    ...(tried.end === 'failed' ? { failure: tried.brief } : {}),
    ...(tried.end === 'skipped' ? { reason: tried.why } : { duration_ms: Math.round(tried.durationMs) }),
  });
}
