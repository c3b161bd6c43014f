import type { RequestHandler, Response } from 'express';
import type { Redis } from 'ioredis';
import { html } from '../../views/page.tsx';
import { PlainPage } from '../../views/plain-page.tsx';
import { limit } from './limit.ts';
import { senderOf } from './sender.ts';

/** How often the public pages may make us ask Stripe. */
const WINDOW_SECONDS = 60;
/** People behind one address share it, so this is generous. */
const PER_SENDER = 30;
const PER_INVOICE = 15;

export interface PageLimits {
  readonly bySender: RequestHandler;
  /** Answers 429 when it refuses. */
  refuses(invoice: string, response: Response): Promise<boolean>;
  /** Silently: whoever comes back from the payment page sees the invoice all the same. */
  mayAsk(invoice: string): Promise<boolean>;
}

export function pageLimits(redis: Redis, prefix: string): PageLimits {
  const perMinute = (name: string, places: number) =>
    limit(redis, { keyPrefix: `${prefix}-page-${name}`, places, seconds: WINDOW_SECONDS });
  const senders = perMinute('address', PER_SENDER);
  const paying = perMinute('pay', PER_INVOICE);
  const returning = perMinute('return', PER_INVOICE);
  return {
    bySender: async (request, response, next) => {
      const wait = await senders.take(senderOf(request));
      if (wait === 0) next();
      else tooMany(response, wait);
    },
    async refuses(invoice, response) {
      const wait = await paying.take(invoice);
      if (wait > 0) tooMany(response, wait);
      return wait > 0;
    },
    mayAsk: async (invoice) => (await returning.take(invoice)) === 0,
  };
}

function tooMany(response: Response, seconds: number): void {
  const page = PlainPage({
    title: 'Too many tries',
    sentence: 'Please wait a minute, then go back and try again. This try has charged nothing.',
  });
  response.status(429).set('Retry-After', String(seconds)).type('html').send(html(page));
}
