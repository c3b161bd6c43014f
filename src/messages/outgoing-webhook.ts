import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { toUnix } from '../platform/clock.ts';
import { messageOf } from '../platform/log.ts';
import { redactBeginning, redactText } from '../platform/redaction.ts';
import { DeliveryFailure } from './delivery-failure.ts';
import { PrivateAddress, privateLiteral, publicLookup } from './private-address.ts';

/**
 * Posts one event to one of the business's own systems, in Standard Webhooks form: `webhook-id` (the same at every try),
 * `webhook-timestamp`, `webhook-signature`. Any 2xx is success; redirects are not followed, and 410 means never again.
 */
export interface OutgoingWebhook {
  readonly id: string;
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  /** JSON text: every try sends the same bytes. */
  readonly body: string;
  readonly allowPrivate: boolean;
}

/** The whole try, from the look-up to the answer. */
const TIMEOUT_MS = 15_000;
/** Of the answer's body. */
const ANSWER_CHARACTERS = 300;
/** The rest is not read. More than is kept: what stands at the cut may be half a secret. */
const READ_CHARACTERS = 2 * ANSWER_CHARACTERS;

/** @returns the answer, e.g. `204`; @throws DeliveryFailure when it was no 2xx, or there was none */
export async function postWebhook(webhook: OutgoingWebhook): Promise<string> {
  const inside = webhook.allowPrivate ? undefined : privateLiteral(new URL(webhook.url).hostname);
  if (inside) throw new DeliveryFailure('temporary', 'private address', inside);
  const response = await answerTo(begin(webhook));
  const status = response.statusCode ?? 0;
  const text = `${status} ${await beginningOf(response)}`.trim();
  if (status >= 200 && status < 300) return text;
  const said = `the endpoint answered ${text}`;
  throw new DeliveryFailure(status === 410 ? 'gone' : 'temporary', `answer ${status}`, said, retryAfterOf(response));
}

function begin({ id, url: address, secret, body, allowPrivate }: OutgoingWebhook): ClientRequest {
  const url = new URL(address);
  const now = new Date();
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url, {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    agent: false,
    ...(allowPrivate ? {} : { lookup: publicLookup }),
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Quittance',
      'webhook-id': id,
      'webhook-timestamp': String(toUnix(now)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
  });
  request.end(body);
  return request;
}

function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('response', resolve);
    // Without a listener Node would destroy the request and say neither `response` nor `error`.
    request.on('upgrade', ({ statusCode }, socket) => {
      socket.destroy();
      const said = `the endpoint answered ${statusCode} and wants to speak another protocol`;
      reject(new DeliveryFailure('temporary', `answer ${statusCode}`, said));
    });
    // Also after the answer has begun: then the status counts, and these two change nothing any more.
    request.on('error', (error) => reject(failureOf(error)));
    request.on('close', () =>
      reject(new DeliveryFailure('temporary', 'closed', 'the connection ended without an answer')),
    );
  });
}

function failureOf(error: Error): DeliveryFailure {
  if (error instanceof PrivateAddress) return new DeliveryFailure('temporary', 'private address', error.message);
  if (error.name === 'TimeoutError' || error.name === 'AbortError') {
    return new DeliveryFailure('temporary', 'timeout', `no answer within ${TIMEOUT_MS / 1000} s`);
  }
  const code = 'code' in error ? String(error.code) : error.name;
  return new DeliveryFailure('temporary', code, messageOf(error));
}

/** The status is known: a body that is endless, slow or broken off does not change how the try went. */
function beginningOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      text += chunk;
      if (text.length >= READ_CHARACTERS) response.destroy();
    });
    response.on('error', () => {});
    response.on('close', () =>
      resolve(
        text.length < READ_CHARACTERS
          ? redactText(text).slice(0, ANSWER_CHARACTERS)
          : redactBeginning(text, ANSWER_CHARACTERS),
      ),
    );
  });
}

/** Seconds; an answer may also name a time. */
function retryAfterOf({ headers }: IncomingMessage): number | undefined {
  const text = headers['retry-after'];
  if (!text) return undefined;
  const seconds = /^\d+$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
