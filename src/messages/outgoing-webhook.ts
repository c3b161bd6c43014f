import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { isPublicAddress, PrivateAddress, publicLookup } from './private-address.ts';

/**
 * Posts one event to one of the business's own systems, in Standard Webhooks form: `webhook-id` (the same at every try),
 * `webhook-timestamp`, `webhook-signature`. Any 2xx is success; redirects are not followed.
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

const TIMEOUT_MS = 15_000;
const ANSWER_BYTES = 300;

/** @returns the answer, e.g. `204`; @throws Error when it was no 2xx, or there was none; PrivateAddress */
export async function postWebhook(webhook: OutgoingWebhook): Promise<string> {
  const url = new URL(webhook.url);
  const now = new Date();
  // A literal address is never looked up, so the guard in the look-up would not see it.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!webhook.allowPrivate && isIP(host) && !isPublicAddress(host)) {
    throw new PrivateAddress(`${host}: private addresses are refused (ALLOW_PRIVATE_WEBHOOKS)`);
  }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        timeout: TIMEOUT_MS,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        agent: false,
        ...(webhook.allowPrivate ? {} : { lookup: publicLookup }),
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(webhook.body),
          'user-agent': 'Quittance',
          'webhook-id': webhook.id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': new Webhook(webhook.secret).sign(webhook.id, now, webhook.body),
        },
      },
      (response) => {
        let answer = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          if (answer.length < ANSWER_BYTES) answer += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          const status = response.statusCode ?? 0;
          const text = `${status} ${answer.slice(0, ANSWER_BYTES)}`.trim();
          if (status >= 200 && status < 300) resolve(text);
          else reject(new Error(`the endpoint answered ${text}`));
        });
      },
    );
    request.on('error', reject);
    request.end(webhook.body);
  });
}
