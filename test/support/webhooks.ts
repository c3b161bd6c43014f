import { createHmac } from 'node:crypto';

/** Two signing secrets, as during a rotation. */
export const webhookSecrets = ['whsec_newSecret0123456789', 'whsec_oldSecret0123456789'] as const;

/** The `Stripe-Signature` header over a body; `at` in seconds since 1970. */
export function signatureOf(
  body: Buffer | string,
  secret: string = webhookSecrets[0],
  at = Math.floor(Date.now() / 1000),
): string {
  return `t=${at},v1=${createHmac('sha256', secret).update(`${at}.`).update(body).digest('hex')}`;
}

/** Delivers a body as Stripe does, freshly signed; `headers` replace what it would send. */
export async function deliver(
  apiUrl: string,
  body: Buffer | string | object,
  headers: Record<string, string> = {},
): Promise<Response> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return fetch(`${apiUrl}/webhooks/stripe`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'stripe-signature': signatureOf(bytes),
      ...headers,
    },
    body: Buffer.from(bytes),
  });
}
