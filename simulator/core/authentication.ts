import type { Account } from './account.ts';
import { unauthorized } from './errors.ts';
import type { World } from './world.ts';

/** The account that a secret key opens: Bearer, or Basic with the key as the user name. */
export function accountOf(world: World, authorization: string | undefined): Account {
  const key = keyIn(authorization);
  if (key === undefined) {
    throw unauthorized(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.",
    );
  }
  const account = world.accountOf(key);
  if (account === undefined) throw unauthorized(`Invalid API Key provided: ${masked(key)}`);
  return account;
}

function keyIn(authorization: string | undefined): string | undefined {
  const [scheme = '', credentials = ''] = (authorization ?? '').split(' ', 2);
  if (credentials === '') return undefined;
  if (/^bearer$/i.test(scheme)) return credentials;
  if (!/^basic$/i.test(scheme)) return undefined;
  return Buffer.from(credentials, 'base64').toString('utf8').split(':')[0] || undefined;
}

/** As Stripe shows a wrong key: its beginning and its last four characters. */
function masked(key: string): string {
  if (key.length < 12) return '*'.repeat(key.length);
  const head = /^[a-z]{2}_(test|live)_/.exec(key)?.[0] ?? key.slice(0, 4);
  return `${head}${'*'.repeat(Math.max(key.length - head.length - 4, 4))}${key.slice(-4)}`;
}
