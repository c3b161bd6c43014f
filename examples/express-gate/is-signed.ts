import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Request } from 'express';

/** Standard Webhooks: what is signed is the id, the time and the body as it came. */
export function isSigned(request: Request, secret: string): boolean {
  const signed = `${request.get('webhook-id')}.${request.get('webhook-timestamp')}.${request.body}`;
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
  const given = (request.get('webhook-signature') ?? '').split(' ').map((each) => Buffer.from(each));
  const isRecent = Math.abs(Date.now() / 1000 - Number(request.get('webhook-timestamp'))) < 300;
  return isRecent && given.some((each) => each.length === wanted.length && timingSafeEqual(each, wanted));
}
