import { isUtf8 } from 'node:buffer';
import type { Request, Response } from 'express';
import type { EventSignal } from '../jobs/enqueue.ts';
import type { QueueName } from '../jobs/queues.ts';
import { type Log, messageOf } from '../platform/log.ts';
import { readEnvelope } from '../stripe/inbox/event.ts';
import type { Delivery, DeliveryVerdict } from '../stripe/inbox/inbox.ts';
import type { RejectedDeliveries } from '../stripe/inbox/rejected-deliveries.ts';
import { verifySignature } from '../stripe/inbox/signature.ts';

/**
 * `POST /webhooks/stripe`: verify, commit, 200. It knows no event types and does no work. What it refuses it refuses with
 * a short reason that helps nobody who forges; 503 makes Stripe send the event again.
 */
export interface Receiver {
  readonly secrets: readonly string[];
  /** Mode of our secret key: an event of the other mode has no business here. */
  readonly livemode: boolean;
  /** Resolves when the delivery is committed. */
  store(delivery: Delivery): Promise<DeliveryVerdict>;
  /** Gives a stored event its job; not waited for. */
  signal(event: EventSignal): void;
  queueOf(type: string): QueueName | null;
  readonly rejected: RejectedDeliveries;
  readonly log: Log;
}

const RECEIVED = '{"received":true}';

export function receiveWebhook({ secrets, livemode, store, signal, queueOf, rejected, log }: Receiver) {
  function refuse(response: Response, status: number, reason: string, error: string): void {
    rejected.note(reason);
    answer(response, status, JSON.stringify({ error }));
  }

  return async (request: Request, response: Response): Promise<void> => {
    // express.raw leaves no body where the content type is not JSON.
    const body: unknown = request.body;
    if (!Buffer.isBuffer(body)) return refuse(response, 415, 'content_type', 'send application/json');

    const header = request.headers['stripe-signature'];
    const verdict = verifySignature(body, header?.toString(), secrets, Math.floor(Date.now() / 1000));
    if (verdict !== 'valid') return refuse(response, 400, verdict, 'signature verification failed');

    // Decoding would mend what Postgres then refuses, and with it everything else in the same commit.
    const json = isUtf8(body) ? parse(body.toString('utf8')) : undefined;
    if (json === undefined) return refuse(response, 400, 'json', 'the body is not JSON');
    const envelope = readEnvelope(json);
    if (!envelope) return refuse(response, 400, 'not_an_event', 'the body is not a Stripe event');
    if (envelope.livemode !== livemode) {
      return refuse(response, 400, 'mode', `this endpoint takes ${livemode ? 'live' : 'test'} mode events`);
    }

    const queue = queueOf(envelope.type);
    let stored: DeliveryVerdict;
    try {
      stored = await store({ envelope, body, queue });
    } catch (error) {
      // Not stored means not received. Stripe sends it again, for up to three days.
      log.error('an event could not be stored', { event: envelope.id, error: messageOf(error) });
      response.setHeader('Retry-After', '5');
      return answer(response, 503, '{"error":"temporarily unavailable, send it again"}');
    }
    if (stored === 'unstorable') return refuse(response, 400, 'unstorable', 'the body can not be stored');
    answer(response, 200, RECEIVED);
    if (queue !== null && stored === 'accepted') signal({ id: envelope.id, type: envelope.type, queue });
  };
}

/** Plain node: Express's json() would compute an ETag for an answer that nobody caches. */
function answer(response: Response, status: number, body: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
