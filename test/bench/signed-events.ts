import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout } from '../../bin/lib/checkout.ts';
import type { Requests } from './wrk.ts';

/**
 * Webhook requests as Stripe sends them: payment_intent.succeeded, indented JSON of 3 kB, an id that begins with its time,
 * signed a moment ago. All have the same length, so that the load generator only has to read on in a file.
 */
const BYTES = 3_000;
const TYPE = 'payment_intent.succeeded';
const fixture = join(checkout, `test/fixtures/events/${TYPE}.json`);
const event = z.looseObject({ data: z.looseObject({ object: z.record(z.string(), z.unknown()) }) });

/** @param objects ids of the payment intents that the events speak of, one each; without them each has one of its own */
export async function withSignedEvents<T>(
  { secret, count, objects }: { secret: string; count: number; objects?: readonly string[] },
  work: (requests: Requests) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'quittance-events-'));
  try {
    const file = join(folder, 'requests');
    const out = openSync(file, 'w');
    const make = eventMaker(secret);
    let length = 0;
    for (let number = 0; number < count; number += 1) {
      const request = make(objects?.[number]);
      length ||= request.length;
      if (request.length !== length) throw new Error('Bug: requests of two lengths');
      writeSync(out, request);
    }
    closeSync(out);
    return await work({ file, length, count });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function eventMaker(secret: string): (object?: string) => Buffer {
  const model = event.parse(JSON.parse(readFileSync(fixture, 'utf8')));
  const payment = model.data.object;
  payment.description = 'Bookkeeping for founders: twelve lessons with exercises';
  payment.receipt_email = 'a.customer@example.com';
  payment.shipping = {
    address: {
      city: 'Berlin',
      country: 'DE',
      line1: 'Musterstrasse 12',
      line2: null,
      postal_code: '10115',
      state: null,
    },
    name: 'A. Customer',
    phone: null,
  };
  return (object) => {
    const created = Math.floor(Date.now() / 1000);
    payment.id = object ?? stripeId('pi', created);
    payment.created = created;
    payment.latest_charge = stripeId('ch', created);
    const unique = { ...model, id: stripeId('evt', created), created };
    const metadata: Record<string, string> = { order: randomBytes(8).toString('hex'), note: '' };
    payment.metadata = metadata;
    metadata.note = 'Paid from the course page, with consent to the terms. '
      .repeat(40)
      .slice(0, BYTES - Buffer.byteLength(JSON.stringify(unique, null, 2)));
    const body = JSON.stringify(unique, null, 2);
    const signature = createHmac('sha256', secret).update(`${created}.${body}`).digest('hex');
    return Buffer.from(
      `POST /webhooks/stripe HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nContent-Type: application/json; charset=utf-8\r\nCache-Control: no-cache\r\nAccept: */*; q=0.5, application/xml\r\nStripe-Signature: t=${created},v1=${signature}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  };
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The shape of Stripe's own: the time first, so that an index by id grows at its end; then the account, then chance. */
export function stripeId(prefix: string, seconds: number): string {
  let time = '';
  for (let rest = seconds; rest > 0; rest = Math.floor(rest / DIGITS.length))
    time = DIGITS[rest % DIGITS.length] + time;
  const chance = Array.from(randomBytes(8), (byte) => DIGITS[byte % DIGITS.length]).join('');
  return `${prefix}_1${time}2eZvKYlo2C${chance}`;
}
