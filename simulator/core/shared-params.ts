import { isCurrency } from './currencies.ts';
import { invalidParam } from './errors.ts';
import { clearable, either, int, object, optional, type Param, type Params, scalar, string, text } from './params.ts';
import type { Metadata } from './wire.ts';

/** Sent metadata: a value of `null` deletes the key, a whole of `null` deletes all keys. */
export type MetadataUpdate = Record<string, string | null> | null;

const MAX_KEYS = 50;

/** Up to 50 keys of 40 characters with values of 500 (https://docs.stripe.com/api/metadata). */
export function metadata(): Param<MetadataUpdate, false> {
  return optional((value, name) => {
    if (value === '') return null;
    if (!(value instanceof Map)) throw invalidParam('Invalid object', name);
    if (value.size > MAX_KEYS) throw invalidParam(`You can have up to ${MAX_KEYS} metadata keys.`, name);
    const entries = [...value].map(([key, raw]) => {
      const path = `${name}[${key}]`;
      const written = scalar(raw, path, 'string');
      if (key.length > 40) {
        const message = `Metadata keys can have up to 40 characters, but you passed in a key that is ${key.length} characters. Invalid key: ${key}`;
        throw invalidParam(message, path);
      }
      if (written.length > 500) {
        const message = `Metadata values can have up to 500 characters, but you passed in a value that is ${written.length} characters. Invalid value: ${written.slice(0, 100)}`;
        throw invalidParam(message, path);
      }
      return [key, written === '' ? null : written] as const;
    });
    return Object.fromEntries(entries);
  });
}

/** The metadata after an update: keys are merged, emptied keys go. */
export function mergeMetadata(current: Metadata | null, update: MetadataUpdate | undefined): Metadata {
  if (update === undefined) return { ...current };
  if (update === null) return {};
  const merged = new Map(Object.entries(current ?? {}));
  for (const [key, value] of Object.entries(update)) {
    if (value === null) merged.delete(key);
    else merged.set(key, value);
  }
  if (merged.size > MAX_KEYS) throw invalidParam(`You can have up to ${MAX_KEYS} metadata keys.`, 'metadata');
  return Object.fromEntries(merged);
}

/** Seconds since the epoch. */
export const timestamp = (): Param<number, false> => int({ min: 0 });

/** An ISO currency code in either case; the handler gets it in lower case. */
export function currency(): Param<string, false> {
  return optional((value, name) => {
    const code = scalar(value, name, 'currency').toLowerCase();
    if (!isCurrency(code)) {
      const message = `Invalid currency: ${code}. Stripe currently supports these currencies: usd, eur, gbp, jpy and about 130 more; see https://docs.stripe.com/currencies.`;
      throw invalidParam(message, name);
    }
    return code;
  });
}

export function email(): Param<string | null, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'string');
    if (written === '') return null;
    // Best knowledge: Stripe takes ASCII alone, an internationalised domain in its form for the DNS.
    if (written.length > 512 || !/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(written) || /[^\x21-\x7e]/.test(written)) {
      throw invalidParam(`Invalid email address: ${written}`, name, 'email_invalid');
    }
    return written;
  });
}

export function url(): Param<string, false> {
  return optional((value, name) => {
    const written = scalar(value, name, 'string');
    // A template such as {CHECKOUT_SESSION_ID} is allowed within.
    if (!URL.canParse(written) || !/^https?:/.test(written)) {
      const message = 'Not a valid URL. URLs must begin with http:// or https://.';
      throw invalidParam(message, name, 'url_invalid');
    }
    return written;
  });
}

const addressShape = {
  city: text(),
  country: text({ max: 2 }),
  line1: text(),
  line2: text(),
  postal_code: text(),
  state: text(),
};

export interface WireAddress {
  city: string | null;
  country: string | null;
  line1: string | null;
  line2: string | null;
  postal_code: string | null;
  state: string | null;
}

export function address(): Param<WireAddress | null, false> {
  const read = object(addressShape);
  return clearable(optional((value, name) => filledAddress(read.read(value, name)), addressShape));
}

function filledAddress(sent: Params<typeof addressShape>): WireAddress {
  return {
    city: sent.city ?? null,
    country: sent.country ?? null,
    line1: sent.line1 ?? null,
    line2: sent.line2 ?? null,
    postal_code: sent.postal_code ?? null,
    state: sent.state ?? null,
  };
}

export interface Range {
  gt?: number | undefined;
  gte?: number | undefined;
  lt?: number | undefined;
  lte?: number | undefined;
  equal?: number | undefined;
}

/** `created=1700000000` or `created[gte]=…&created[lt]=…`. */
export function range(): Param<Range, false> {
  const bounds = object({ gt: timestamp(), gte: timestamp(), lt: timestamp(), lte: timestamp() });
  const exact = optional((value, name): Range => ({ equal: timestamp().read(value, name) }));
  return either<Range, Range>(bounds, exact);
}

export function inRange(value: number, { gt, gte, lt, lte, equal }: Range): boolean {
  if (equal !== undefined) return value === equal;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}

/** What every list endpoint takes. */
export const listParams = {
  limit: int(),
  starting_after: string(),
  ending_before: string(),
} as const;

export const createdParam = { created: range() } as const;
