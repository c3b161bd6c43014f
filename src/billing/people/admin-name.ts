import { asciiAddress } from '../../platform/email-address.ts';

/** As the table `admin_users` demands it: nothing in here is cut or escaped on its way into a log or an audit row. */
const PLAIN = /^[a-z0-9][a-z0-9._@-]{0,63}$/;

/**
 * What an admin is called, however he typed it: a word of up to 64 letters, digits and `. _ @ -`, or an e-mail address.
 * @returns undefined for what is neither; in lower case, without blanks around it, and domains in ASCII
 */
export function adminName(typed: string): string | undefined {
  if (typed.length > 300) return undefined;
  const name = typed.trim().normalize('NFC').toLowerCase();
  return PLAIN.test(name) ? name : asciiAddress(name);
}
