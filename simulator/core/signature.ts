import { createHmac } from 'node:crypto';

/**
 * The `Stripe-Signature` header: one `v1` per secret (two while a secret is being rotated) over `<t>.<body>`, and the
 * `v0` that receivers must ignore. Source: https://docs.stripe.com/webhooks#verify-manually
 */
export function signatureHeader(body: string, secrets: readonly string[], timestamp: number): string {
  const signed = `${timestamp}.${body}`;
  const v1 = secrets.map((secret) => `v1=${hmac(secret, signed)}`);
  return [`t=${timestamp}`, ...v1, `v0=${hmac('v0 is no signature', signed)}`].join(',');
}

const hmac = (secret: string, text: string): string => createHmac('sha256', secret).update(text, 'utf8').digest('hex');
