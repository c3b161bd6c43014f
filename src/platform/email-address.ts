import { domainToASCII } from 'node:url';
import { z } from 'zod';

/**
 * Addresses of mails as people give them. They are kept as typed, without what is around them; `asciiAddress` gives the form
 * that every mail server and Stripe take. Source: the address of the HTML standard (`<input type="email">`), dots as RFC 5321
 * wants them, internationalised domains by UTS 46.
 */

/** Blanks, and the unseen marks that address books copy along. */
const AROUND = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;
/** Letters, digits and dots of any script: `domainToASCII` would also take what a URL may hold. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.。．｡-]+$/u;
const TOP_LEVEL = /\.(?:[a-z]{2,63}|xn--[a-z0-9-]+)$/i;
const LONGEST = 254;
const LONGEST_LOCAL_PART = 64;
/** Expressions and conversions take their time of what is longer: it is refused unseen. */
const LONGEST_TYPED = 1_000;

export const emailAddress = z
  .string('must be an e-mail address')
  .transform((text) => (text.length > LONGEST_TYPED ? text : text.replace(AROUND, '').normalize('NFC')))
  .refine((text) => asciiAddress(text) !== undefined, 'must be an e-mail address, e.g. ada@example.com');

/**
 * `ada@bücher.example` → `ada@xn--bcher-kva.example`; one that is ASCII already stays as it is.
 * @returns undefined for what is no address
 */
export function asciiAddress(address: string): string | undefined {
  if (address.length > LONGEST) return undefined;
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (at < 1 || !DOMAIN.test(domain)) return undefined;
  const local = address.slice(0, at);
  if (local.length > LONGEST_LOCAL_PART || local.startsWith('.') || local.endsWith('.') || local.includes('..')) {
    return undefined;
  }
  const ascii = `${local}@${/^[\x21-\x7e]+$/.test(domain) ? domain : domainToASCII(domain)}`;
  return ascii.length <= LONGEST && z.regexes.html5Email.test(ascii) && TOP_LEVEL.test(ascii) ? ascii : undefined;
}
